// Moves the focus to the summary of what to mend, so that it is read first.
document.getElementById("errors")?.focus();
