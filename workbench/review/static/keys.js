// One key, one step: a key presses what names it in data-key; while somebody types, keys are letters.
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, input:not([type=checkbox])");
  if (event.key === "Escape" && typing) { event.target.blur(); return; }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.matches("input")) return;
  if (event.key === "Enter" && event.target.matches("button, a")) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("textarea")) found.focus(); else found.click();
});
// A button pressed twice before the page has changed sends one form.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
// A rubric opens at the line that a disagreement rests on: selected, in the middle of the box.
const text = document.querySelector("textarea[data-line]");
if (text) {
  const lines = text.value.split("\n");
  const number = Number(text.dataset.line) - 1;
  const start = lines.slice(0, number).reduce((sum, line) => sum + line.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + lines[number].length);
  text.scrollTop = (text.scrollHeight / lines.length) * number - text.clientHeight / 2;
}
