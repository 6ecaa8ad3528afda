// A browser starts no worker from a file on a disk. There, and only there, the search is run in a
// frame instead, so that it works in a copy of this site that no server serves.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.documentElement.append(frame)
      this.inside = frame.contentWindow
      // What the worker says to its page, and what it loads.
      this.inside.postMessage = data =>
        this.tell(this, new MessageEvent("message", { data }))
      this.inside.importScripts = () => Promise.resolve()
      const script = this.inside.document.createElement("script")
      script.src = url
      script.onload = () => {
        const waiting = this.waiting
        this.waiting = null
        waiting.forEach(data => this.postMessage(data))
      }
      this.inside.document.head.append(script)
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data)
      else this.tell(this.inside, new this.inside.MessageEvent("message", { data }))
    }

    tell(whom, event) {
      setTimeout(() => {
        whom.dispatchEvent(event)
        if (whom === this && this.onmessage) this.onmessage(event)
      })
    }

    terminate() {
      this.inside.frameElement.remove()
    }
  }
}
