// Search in pages that are opened from a folder: browsers refuse web workers there, so the worker's script runs in a
// hidden frame. The search of Material for MkDocs looks for the name IFrameWorker, and its plugin `offline` for this file.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc = `<script src="${new URL(url, document.baseURI)}"></script>`;
      this.scope = new Promise((resolve) => {
        frame.addEventListener("load", () => resolve(frame.contentWindow), { once: true });
      });
      this.scope.then((scope) => {
        scope.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      });
      document.documentElement.append(frame);
    }

    postMessage(data) {
      this.scope.then((scope) => scope.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
