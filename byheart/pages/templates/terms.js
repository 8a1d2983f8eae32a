// Terms. Each link from a word to its meaning becomes a button that shows the meaning beside the word: while the pointer
// or the focus is on it, and after a click or a tap. Escape hides it. A <button> could not be broken over two lines.
"use strict";
{
  const tip = Object.assign(document.createElement("div"), { className: "meaning", hidden: true });
  let shownFor = null, hiding = 0;

  function hide() {
    tip.hidden = true;
    shownFor = null;
  }

  function show(button) {
    clearTimeout(hiding);
    if (shownFor === button) return;
    shownFor = button;
    tip.textContent = document.getElementById(button.dataset.term).nextElementSibling.textContent;
    tip.hidden = false;
    const word = button.getClientRects()[0], room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${scrollX + Math.max(8, Math.min(room, word.left))}px`;
    const below = word.bottom + 6, above = word.top - tip.offsetHeight - 6;
    tip.style.top = `${scrollY + (below + tip.offsetHeight > innerHeight && above > 0 ? above : below)}px`;
  }

  // The pointer may move from the word to its meaning, for example to select the text.
  function hideSoon() {
    clearTimeout(hiding);
    hiding = setTimeout(hide, 150);
  }

  for (const link of document.querySelectorAll("a.term")) {
    const button = Object.assign(document.createElement("span"), { tabIndex: 0, className: "term" });
    button.setAttribute("role", "button");
    button.dataset.term = link.getAttribute("href").slice(1);
    button.append(...link.childNodes);
    const meaning = document.getElementById(button.dataset.term).nextElementSibling;
    meaning.id ||= `${button.dataset.term}-meaning`;
    button.setAttribute("aria-describedby", meaning.id);
    link.replaceWith(button);
    button.addEventListener("pointerenter", event => { if (event.pointerType === "mouse") show(button); });
    button.addEventListener("pointerleave", event => { if (event.pointerType === "mouse") hideSoon(); });
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) show(button); });
    button.addEventListener("blur", hide);
    button.addEventListener("click", () => show(button));
    button.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show(button);
    });
  }
  tip.addEventListener("pointerenter", () => clearTimeout(hiding));
  tip.addEventListener("pointerleave", hideSoon);
  addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
  addEventListener("pointerdown", event => { if (event.target !== shownFor && !tip.contains(event.target)) hide(); });
  document.body.append(tip);
}
