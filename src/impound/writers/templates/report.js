"use strict";
// Adds sorting to tables marked with data-sort. Without this script every table reads just as well.
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 3) continue;
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent.trim();
  table.querySelectorAll("thead th").forEach((head, i) => {
    if (head.hasAttribute("data-nosort")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      const rows = [...body.rows];
      const numeric = rows.every((row) => /^-?\d+$/.test(value(row, i)));
      rows.sort((a, b) => {
        const x = value(a, i), y = value(b, i);
        const order = numeric ? x - y : x < y ? -1 : x > y ? 1 : 0;
        return up ? order : -order;
      });
      table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...rows);
    });
  });
}
