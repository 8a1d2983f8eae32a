#!/bin/sh
# Installs html-validate, which checks HTML by the standard, into a folder: tests/install_validator.sh FOLDER. Where npm
# cannot get it, the folder is removed, and the tests that need it are skipped.
set -u
rm -rf "$1" && mkdir -p "$1"
npm install --silent --no-package-lock --ignore-scripts --fetch-retries=1 --prefix "$1" html-validate@11.21.1 || {
  rm -rf "$1"
  echo "html-validate could not be installed; the tests that need it are skipped."
}
