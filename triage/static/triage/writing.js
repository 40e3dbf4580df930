// The interviewer's next words while they are written. They are in no log: the message itself takes their place.
const FORGOTTEN = 20_000; // milliseconds after the last of them; the message came some other way, or never

let leaving = null;

export function write(text) {
  const box = document.querySelector(".writing .words") ?? open();
  if (!box) return; // no conversation on this page
  box.textContent += text;
  clearTimeout(leaving);
  leaving = setTimeout(() => box.closest(".writing").remove(), FORGOTTEN);
}

function open() {
  const item = document.createElement("li");
  item.className = "bubble theirs pending writing"; // gone with the next page, as all that is pending
  item.ariaHidden = "true"; // or a screen reader says it word by word, and then again
  const box = item.appendChild(document.createElement("div"));
  box.className = "words";
  document.querySelector(".messages")?.append(item);
  return item.isConnected ? box : null;
}
