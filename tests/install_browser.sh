#!/bin/sh
# Installs a headless Chromium into a folder: tests/install_browser.sh FOLDER NODE. It comes from a package that brings the libraries and fonts it needs (Linux on x86-64);
# where npm cannot get it, or it does not start, the folder is removed, and the tests that read a report in a browser are skipped.
set -u
package=@sparticuz/chromium version=153.0.0
node=$2

install() {
  npm install --silent --no-save --no-package-lock --ignore-scripts --fetch-retries=1 --prefix "$folder" "$package@$version" &&
    TMPDIR=$folder AWS_LAMBDA_JS_RUNTIME=nodejs24.x "$node" --input-type=module --eval \
      "import { default as chromium } from '$folder/node_modules/$package/build/index.js'; await chromium.executablePath();" &&
    sed -i.bak "s|/tmp/fonts|$folder/fonts|" "$folder/fonts/fonts.conf" && # Where the package expects them.
    rm -rf "$folder/node_modules" &&
    LD_LIBRARY_PATH=$folder/al2023/lib "$folder/chromium" --version
}

rm -rf "$1" && mkdir -p "$1" && folder=$(cd "$1" && pwd)
install || {
  rm -rf "$folder"
  echo "No browser could be installed; the tests that need one are skipped."
}
