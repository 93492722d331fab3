/* The chat page: sends what is said, shows what comes. Plain ES2017, no build.
   Own messages live in sessionStorage only; the server never gives them back. */
(() => {
  "use strict";

  const KEY = "binhyen.said";
  const FIRST_PAUSE_MS = 2000;
  const LONGEST_PAUSE_MS = 30000;
  const LOST_AFTER_MS = 4000;
  const LISTEN_AGAIN_MS = 10000;

  if (document.body.hasAttribute("data-forget")) {
    try { sessionStorage.removeItem(KEY); } catch (error) { /* storage is off */ }
    return;
  }

  const list = document.getElementById("letters");
  const words = list.dataset;
  const status = document.getElementById("status");
  const composer = document.getElementById("write");
  const box = document.getElementById("text");
  const startForm = document.getElementById("start");
  let last = Number(words.last) || 0;
  let source = null;
  let hasStarted = false;
  let lostTimer = 0;
  let isLost = false;

  /* --- memory of this tab ---------------------------------------------------------------- */

  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(KEY)) || []; } catch (error) { return []; }
  };
  let said = read();
  const keep = () => {
    try { sessionStorage.setItem(KEY, JSON.stringify(said.slice(-200))); } catch (error) { /* full or off */ }
  };
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)))
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");

  /* --- showing --------------------------------------------------------------------------- */

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  };

  const atEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 160;
  const toEnd = () => window.scrollTo(0, document.documentElement.scrollHeight);
  const tell = (text) => {
    const follow = atEnd();
    status.textContent = text || "";
    if (follow) { toEnd(); }
  };

  /* Where an own message belongs: before the first letter that came after it. */
  const place = (item, after) => {
    const later = Array.from(list.querySelectorAll("li[data-n]"))
      .find((letter) => Number(letter.dataset.n) > after);
    list.insertBefore(item, later || null);
  };

  const showSaid = (one) => {
    if (!one.shown) { return; }
    const item = element("li", "me");
    item.append(element("span", "visually-hidden", words.me + ": "));
    item.append(element("div", "bubble", one.shown));
    const facts = element("p", "bubble-facts");
    item.append(facts);
    one.mark = (text, retry) => {
      const follow = atEnd();
      facts.textContent = "";
      if (retry) {
        const button = element("button", "link-button", text);
        button.type = "button";
        button.addEventListener("click", retry);
        facts.append(button);
      } else {
        facts.textContent = text;
      }
      if (follow) { toEnd(); }
    };
    place(item, one.after);
  };

  /* Emergency numbers in a letter can be called; all of a number at once, so that no part of
     a longer one is taken for one of them. */
  const lines = words.lines.split(" ");
  const withCalls = (bubble, text) => {
    let end = 0;
    for (const number of text.match(/\d(?:[ .-]?\d)*/g) || []) {
      const at = text.indexOf(number, end);
      if (lines.indexOf(number) >= 0) {
        const call = element("a", "", number);
        call.href = "tel:" + number;
        bubble.append(text.slice(end, at), call);
      } else {
        bubble.append(text.slice(end, at + number.length));
      }
      end = at + number.length;
    }
    bubble.append(text.slice(end));
    return bubble;
  };

  const safeLink = (address) => {
    try {
      const url = new URL(address, location.href);
      return url.protocol === "https:" || url.origin === location.origin ? url.href : null;
    } catch (error) { return null; }
  };

  const choiceFor = (choice) => {
    if (choice.phone) {
      const call = element("a", "choice choice--call", choice.label);
      call.href = "tel:" + choice.phone.replace(/[^0-9+]/g, "");
      return call;
    }
    if (choice.url) {
      const href = safeLink(choice.url);
      if (!href) { return null; }
      const link = element("a", "choice", choice.label);
      link.href = href;
      link.rel = "noreferrer";
      return link;
    }
    const button = element("button", "choice", choice.label);
    button.type = "button";
    button.value = choice.word;
    return button;
  };

  /* A picture to look at, or a file to fetch. */
  const enclosedIn = (enclosed) => {
    const address = words.enclosed + encodeURIComponent(enclosed.id);
    if (enclosed.kind === "picture") {
      const picture = element("img", "bubble-picture");
      picture.alt = words.picture;
      picture.src = address;
      return picture;
    }
    const link = element("a", "choice", enclosed.name);
    link.href = address;
    return link;
  };

  const showLetter = (letter) => {
    if (letter.n <= last) { return; }
    last = letter.n;
    const follow = atEnd();
    const item = element("li");
    item.dataset.n = String(letter.n);
    item.append(element("span", "visually-hidden", words.bot + ": "));
    const bubble = element("div", "bubble" + (letter.secret ? " bubble--secret" : ""));
    item.append(withCalls(bubble, letter.text));
    if (letter.enclosed) { item.append(enclosedIn(letter.enclosed)); }
    if (letter.code) {
      const code = element("img", "bubble-picture bubble-code");
      code.alt = letter.code.label;
      code.src = letter.code.src;
      item.append(code);
    }
    if (letter.secret) { item.append(element("p", "bubble-facts", words.secret)); }
    const choices = letter.choices.map(choiceFor).filter(Boolean);
    if (choices.length) {
      const group = element("div", "choices");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", words.choices);
      choices.forEach((choice) => group.append(choice));
      item.append(group);
    }
    list.append(item);
    if (follow) { toEnd(); }
    if (letter.secret) { secretShown(letter.n); }
  };

  /* --- secrets: wiped from the server once somebody could see them --------------------------- */

  /* What led to a receipt was a private tip: the next reload shows it to nobody either. */
  const forgetSaid = () => {
    said = said.filter(isOpen);
    keep();
  };

  const secretShown = (number) => {
    if (document.visibilityState !== "visible") {
      document.addEventListener("visibilitychange", () => secretShown(number), { once: true });
      return;
    }
    forgetSaid();
    post(words.seen, { n: String(number) }).catch(() => setTimeout(() => secretShown(number), FIRST_PAUSE_MS));
  };

  /* --- sending ---------------------------------------------------------------------------- */

  const post = (path, body) => fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  /* One at a time and in order, so that answers fit questions. The id stays the same however
     often it is sent, so the server counts it once. */
  let isSending = false;
  const sendAll = async () => {
    if (isSending) { return; }
    isSending = true;
    let pauseMs = FIRST_PAUSE_MS;
    for (let one = said.find(isOpen); one; one = said.find(isOpen)) {
      const result = await sendOne(one);
      if (result === "again") {
        await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      } else {
        pauseMs = FIRST_PAUSE_MS;
      }
    }
    isSending = false;
  };
  const isOpen = (one) => !one.sent && !one.refused;

  const sendOne = async (one) => {
    const mark = one.mark || (() => {});
    mark(words.sending);
    let answer;
    try {
      answer = await post(words.say, one.body);
    } catch (error) {
      mark(words.notSent, () => { sendAll(); });
      return "again";
    }
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After")) || 2;
      tell(words.slow.replace("__", String(seconds)));
      await pause(seconds * 1000);
      tell("");
      return "later";
    }
    if (answer.status >= 500) {
      mark(words.notSent, () => { sendAll(); });
      return "again";
    }
    if (!answer.ok) {
      one.refused = true;
      keep();
      mark(words.notSent, () => { one.refused = false; sendAll(); });
      return "refused";
    }
    one.sent = true;
    keep();
    mark("");
    const told = await answer.json().catch(() => ({}));
    if (told.cut) { tell(words.cut); }
    if (!source) { listen(); }
    return "sent";
  };

  const speak = (shown, content) => {
    const body = Object.assign({ id: newId(), lang: words.lang }, content);
    const one = { shown, body, after: last, sent: false };
    said.push(one);
    keep();
    showSaid(one);
    toEnd();
    sendAll();
  };

  /* --- listening --------------------------------------------------------------------------- */

  const start = () => {
    if (hasStarted) { return; }
    hasStarted = true;
    const payload = words.start;
    if (payload || (!last && !said.length)) { speak("", { start: payload }); }
    if (payload) {
      /* So that a reload does not join a second time. */
      const clean = new URL(location.href);
      clean.searchParams.delete("ma");
      history.replaceState(null, "", clean.href);
    }
  };

  const lost = () => { isLost = true; tell(words.lost); };
  /* A short break is nobody's business; further failures do not make the wait begin anew. */
  const mayBeLost = () => { lostTimer = lostTimer || setTimeout(lost, LOST_AFTER_MS); };
  const found = () => {
    clearTimeout(lostTimer);
    lostTimer = 0;
    if (!isLost) { return; }
    isLost = false;
    tell(words.back);
    setTimeout(() => { if (!isLost) { tell(""); } }, LOST_AFTER_MS);
  };

  const listen = () => {
    source = new EventSource(words.listen + "?sau=" + last);
    source.addEventListener("letter", (event) => showLetter(JSON.parse(event.data)));
    source.addEventListener("ready", () => {
      list.setAttribute("aria-busy", "false");
      found();
      start();
    });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) { mayBeLost(); return; }
      /* Closed for good: either this browser has no chat yet, or the server said no. */
      source = null;
      if (!hasStarted) { start(); return; }
      mayBeLost();
      setTimeout(() => { if (!source) { listen(); } }, LISTEN_AGAIN_MS);
    });
  };

  /* --- the page ----------------------------------------------------------------------------- */

  const grow = () => {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight + 2, window.innerHeight * 0.4) + "px";
  };

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) { return; }
    box.value = "";
    grow();
    tell("");
    speak(text, { text });
    box.focus();
  });
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    const isDesk = window.matchMedia("(pointer: fine)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && isDesk) {
      event.preventDefault();
      composer.querySelector("button").click();
    }
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button.choice");
    if (!button) { return; }
    event.preventDefault();
    speak(button.textContent, { word: button.value });
    box.focus({ preventScroll: true });
  });

  if (startForm) { startForm.hidden = true; }
  list.setAttribute("aria-busy", "true");
  said.forEach((one) => { showSaid(one); });
  const secret = Array.from(list.querySelectorAll("li[data-is-secret]")).pop();
  if (secret) { secretShown(Number(secret.dataset.n)); }
  if (last) { toEnd(); }
  listen();
  sendAll();
})();
