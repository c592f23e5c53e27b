'use strict';

// Buttons above each table, and nothing a reader would miss without them. Texts of the data are only ever read from the page.

const said = document.getElementById('said');
const say = text => { said.textContent = ''; setTimeout(() => { said.textContent = text; }, 60); };

// The words of a cell, without the mark of its footnote.
const plain = cell => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll('sup').forEach(mark => mark.remove());
  copy.querySelectorAll('br').forEach(end => end.replaceWith(' '));
  return copy.textContent.replace(/\s+/g, ' ').trim();
};

// Rows and columns as they stand on the page: what a cell spans beyond its first place is left empty.
const grid = table => {
  const rows = [...table.querySelectorAll('thead tr, tbody tr')];
  const places = rows.map(() => []);
  rows.forEach((row, top) => {
    let left = 0;
    for (const cell of row.cells) {
      while (places[top][left] !== undefined) left += 1;
      for (let down = 0; down < cell.rowSpan && top + down < rows.length; down += 1) {
        for (let across = 0; across < cell.colSpan; across += 1) places[top + down][left + across] = '';
      }
      places[top][left] = plain(cell);
    }
  });
  return places;
};

// A spreadsheet takes a text that begins with one of these for a formula and would work it out: it gets a sign before it.
const harmless = text => /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;

const tabbed = rows => rows.map(row => row.map(harmless).join('\t')).join('\n');
const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const commas = rows => `\ufeff${rows.map(row => row.map(cell => quoted(harmless(cell))).join(',')).join('\r\n')}\r\n`;

// What is pasted into a word processor: the table alone, without classes, each cell marked as text for a spreadsheet.
const bare = table => {
  const copy = table.cloneNode(true);
  for (const element of [copy, ...copy.querySelectorAll('*')]) {
    for (const { name } of [...element.attributes]) {
      if (!['colspan', 'rowspan', 'scope'].includes(name)) element.removeAttribute(name);
    }
    if (element.matches('td, th')) element.setAttribute('style', "mso-number-format:'\\@'");
  }
  return copy.outerHTML;
};

const copied = table => {
  let done = false;
  const fill = event => {
    event.clipboardData.setData('text/plain', tabbed(grid(table)));
    event.clipboardData.setData('text/html', bare(table));
    event.preventDefault();
    done = true;
  };
  document.addEventListener('copy', fill, { once: true, capture: true });
  document.execCommand('copy'); // works in a file opened from a disk, where other ways need a permission
  document.removeEventListener('copy', fill, { capture: true });
  return done;
};

const saved = (table, name) => {
  const address = URL.createObjectURL(new Blob([commas(grid(table))], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
};

const button = (text, name, act) => {
  const made = document.createElement('button');
  const show = words => {
    made.textContent = words;
    made.setAttribute('aria-label', `${words}: ${name}`);
  };
  made.type = 'button';
  show(text);
  made.addEventListener('click', () => {
    show(act());
    setTimeout(show, 2500, text);
  });
  return made;
};

for (const box of document.querySelectorAll('.biomarker-scroll')) {
  const table = box.querySelector('table');
  const name = box.getAttribute('aria-label') || 'Table';
  const file = (table.closest('article')?.dataset.name || name).replace(/[^\p{L}\p{N}_-]+/gu, '-').slice(0, 80) || 'table';
  const tools = document.createElement('div');
  tools.className = 'tools';
  tools.append(
    button('Copy table', name, () => {
      const done = copied(table);
      say(done ? `${name} is copied.` : `${name} could not be copied: select it and copy it by hand.`);
      return done ? 'Copied' : 'Not copied';
    }),
    button('Save as CSV', name, () => {
      saved(table, file);
      say(`${name} is saved as ${file}.csv.`);
      return 'Saved';
    }),
  );
  box.before(tools);
}

// Only a table or figure that is wider than its box needs to be reached by the keyboard to be scrolled.
const fit = box => {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  else box.removeAttribute('tabindex');
};
const watch = new ResizeObserver(entries => entries.forEach(entry => fit(entry.target)));
document.querySelectorAll('.biomarker-scroll, .drawing.broad').forEach(box => watch.observe(box));

// The contents tell where the reader is.
const marks = new Map([...document.querySelectorAll('.contents a')].map(link => [link, document.querySelector(link.hash)]));
let marked = [];
const here = () => {
  const passed = [...new Set(marks.values())].filter(part => part && part.getBoundingClientRect().top < innerHeight / 3);
  const last = passed.at(-1);
  if (marked[0]?.hash === `#${last?.id}`) return;
  marked.forEach(link => link.removeAttribute('aria-current'));
  marked = [...marks].filter(([, part]) => part && part === last).map(([link]) => link);
  for (const link of marked) {
    link.setAttribute('aria-current', 'true');
    const list = link.closest('.wide');
    if (list) list.scrollTop = link.offsetTop - list.clientHeight / 2;
  }
};
let waiting = 0;
addEventListener('scroll', () => { waiting ||= requestAnimationFrame(() => { waiting = 0; here(); }); }, { passive: true });
here();

// Links into a closed part open it, and so does printing.
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  target && target.closest('details:not([open])')?.setAttribute('open', '');
};
addEventListener('hashchange', reveal);
reveal();
addEventListener('beforeprint', () => document.querySelectorAll('details.checklist').forEach(one => { one.open = true; }));
