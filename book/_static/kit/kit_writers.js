// Two languages for the sheets of a kit: HTML for pages and paper, Markdown for whoever wants to edit them.
"use strict";

(() => {
  const escape = (/** @type {string} */ text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
  const BOX = '<span class="kit-box" aria-hidden="true">☐</span>';
  const cells = (/** @type {string} */ tag, /** @type {string[]} */ row) => `<tr>${row.map((cell) => `<${tag}${tag === "th" ? ' scope="col"' : ""}>${cell}</${tag}>`).join("")}</tr>`;

  const html = {
    blank: '<span class="kit-blank" aria-hidden="true"></span>',
    box: BOX,
    dash: "—",
    gap: "",
    h3: (text) => `<h3>${text}</h3>`,
    h4: (text) => `<h4>${text}</h4>`,
    p: (text) => `<p>${text}</p>`,
    note: (text) => `<p class="kit-note">${text}</p>`,
    prompt: (text) => `<div class="kit-prompt">${text}</div>`,
    block: (text) => `<div class="kit-text">${text}</div>`,
    line: (text) => text,
    strong: (text) => `<strong>${text}</strong>`,
    link: (text, to) => `<a href="${escape(to)}">${text}</a>`,
    item: (parts) => `<li>${parts.join("")}</li>`,
    list: (items) => `<ul>${items.join("")}</ul>`,
    ticks: (lines) => `<ul class="kit-ticks">${lines.map((line) => `<li>${BOX} ${line}</li>`).join("")}</ul>`,
    table: (name, head, rows) => `<div class="table-scroll"><table class="kit-${name}"><thead>${cells("th", head)}</thead><tbody>${rows.map((row) => cells("td", row)).join("")}</tbody></table></div>`,
    space: (lines) => `<div class="kit-space">${"<div></div>".repeat(lines)}</div>`,
    foot: (text) => `<p class="kit-foot">${escape(text)}</p>`,
    sheet: (name, title, parts) => `<section class="kit-sheet" id="kit-${name}"><h2>${title}</h2>\n${parts.join("\n")}\n</section>`,
  };

  const indent = (/** @type {string} */ text) => text.trimEnd().replace(/\n(?=.)/g, "\n  ");
  const oneLine = (/** @type {string} */ text) => text.trim().replace(/\s*\n\s*/g, " ").replace(/\|/g, "\\|");
  const row = (/** @type {string[]} */ of) => `| ${of.map(oneLine).join(" | ")} |`;

  const markdown = {
    blank: "\\_\\_\\_\\_\\_\\_\\_\\_",
    box: "☐",
    dash: "—",
    gap: " ",
    h3: (text) => `\n### ${oneLine(text)}\n`,
    h4: (text) => `\n#### ${text}\n`,
    p: (text) => `${text}\n`,
    note: (text) => `*${text}*\n`,
    prompt: (text) => `${`\n${text.trim()}`.replace(/\n/g, "\n> ").slice(1)}\n`,
    block: (text) => `${text.trim()}\n`,
    line: (text) => `${text.trim()}\n`,
    strong: (text) => `**${text}**`,
    link: (text, to) => `[${oneLine(text)}](${to})`,
    item: (parts) => `- ${indent(parts.join("\n"))}\n`,
    list: (items) => items.join("\n"),
    ticks: (lines) => lines.map((line) => `- [ ] ${indent(line)}\n`).join(""),
    table: (_name, head, rows) => `${[row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n")}\n`,
    space: (lines) => `${"&nbsp;  \n".repeat(lines)}`,
    foot: (text) => `\n---\n\n${text}\n`,
    sheet: (name, title, parts) => `## ${title}\n\n${parts.join("\n").replace(/\n{3,}/g, "\n\n").trim()}\n`,
  };

  Object.assign(globalThis.dropoutKit, { writers: { html, markdown } });
})();
