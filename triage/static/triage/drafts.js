// What is being typed, kept in this tab only, until it was sent or the person leaves.
const nameOf = (form) => `draft:${form.dataset.draft}`;

export function forget(form) {
  try { sessionStorage.removeItem(nameOf(form)); } catch { /* no storage, no drafts */ }
}

// Puts kept words back into empty boxes.
export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const box = form.querySelector("#text");
    try {
      if (box && !box.value) box.value = sessionStorage.getItem(nameOf(form)) ?? "";
    } catch { /* no storage, no drafts */ }
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form || event.target.id !== "text") return;
  try { sessionStorage.setItem(nameOf(form), event.target.value); } catch { /* no storage, no drafts */ }
});
