// Adds a copy button beside every text marked for it; without this module the text can be selected.
for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn line small";
  button.textContent = "コピーする";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent.trim());
    button.textContent = "コピーしました";
  });
  text.after(button);
}
