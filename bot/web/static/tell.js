/* The tip form where scripts run: warns while one types, cleans pictures, shows what will be
   sent, seals it here and sends only that. Nothing typed is kept anywhere but in this page.

   Where anything it needs is missing, it steps aside: the form then posts as without scripts.
   Written for old phones, so in the language of 2009. */
(function () {
  "use strict";

  var form = document.getElementById("tell");
  var data = document.getElementById("tip-data");
  var seal = window.binhyenSeal;
  if (!form || !data) { return; }
  data = JSON.parse(data.textContent);

  var MOST_TRIES = 4;
  var SLOWEST_MS = 115000;
  var byId = function (id) { return document.getElementById(id); };
  var how = byId("how");
  var danger = byId("danger");
  var review = byId("review");
  var pictures = [];
  var working = 0;
  var detector = null;
  var revealing = null;
  var calledFor = "";
  var isSending = false;
  /* The number under which what was told last is sent, also when it is sent again. */
  var lastTold = null;
  var lastNumber = "";

  function say(key, values) {
    var text = data.say[key];
    for (var name in values || {}) { text = text.replace("{" + name + "}", values[name]); }
    return text;
  }

  function made(tag, words, className) {
    var element = document.createElement(tag);
    if (words) { element.textContent = words; }
    if (className) { element.className = className; }
    return element;
  }

  function button(words, act, className) {
    var element = made("button", words, className || "button button--quiet");
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  function emptied(element) {
    while (element.firstChild) { element.removeChild(element.firstChild); }
    return element;
  }

  function field(name) {
    var element = form.elements[name];
    return window.binhyenWarn.cleaned(element ? element.value : "");
  }

  function category() {
    return form.querySelector("input[name=category]:checked");
  }

  function unitCode() {
    return form.elements.unit ? form.elements.unit.value : data.ground.top;
  }

  function canSeal() {
    return Boolean(seal.filedUnder(data.ground, unitCode(), form.elements.about_officer.checked));
  }

  /* Danger: the number to call, at once and above all else. */

  function watch() {
    if (!detector) { return; }
    var number = data.numbers[detector.find(form.elements.what.value)] || "";
    if (number === calledFor) { return; }
    calledFor = number;
    emptied(danger);
    if (!number) { return; }
    var note = made("div", "", "note note--danger danger-top");
    var words = say("danger_now").split("{number}");
    var line = made("p", words[0]);
    var call = made("a", number);
    call.href = "tel:" + number;
    line.appendChild(call);
    line.appendChild(document.createTextNode(words[1] || ""));
    note.appendChild(line);
    var urgent = form.elements.urgent;
    if (!urgent.checked) {
      var mark = button(say("mark_urgent"), function () {
        urgent.checked = true;
        note.removeChild(mark);
        note.appendChild(made("p", say("marked_urgent")));
      }, "button button--danger button--small");
      note.appendChild(mark);
    }
    danger.appendChild(note);
  }

  function whileTyping() {
    var timer = 0;
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(watch, 300);
    });
  }

  function askForRules() {
    var request = new XMLHttpRequest();
    request.open("GET", data.rules);
    request.onload = function () {
      if (request.status !== 200) { return; }
      var rules = JSON.parse(request.responseText);
      detector = new window.binhyenWarn.Danger(rules.danger);
      try {
        revealing = new window.binhyenWarn.Revealing(rules.revealing);
      } catch (_error) {
        /* An expression this browser cannot read; the danger rules count more. */
        revealing = null;
      }
      watch();
    };
    request.send();
  }

  /* Pictures: made anew from their points, here, so that nothing hidden comes along. */

  /* Half a megabyte each: enough to read a number plate, and a slow line carries it. */
  var MOST_EDGE = 1600;
  var MOST_POINTS = 50000000;
  var MOST_BYTES = 500000;
  var MOST_FILE_BYTES = 30000000;
  var FINENESS = [0.8, 0.65, 0.5, 0.3];

  /* Some browsers answer a page that reads points with noise; then no picture can be cleaned. */
  function canPaint() {
    var canvas = document.createElement("canvas");
    var paint = canvas.getContext && canvas.getContext("2d");
    if (!paint) { return false; }
    canvas.width = canvas.height = 4;
    paint.fillStyle = "#1e90ff";
    paint.fillRect(0, 0, 4, 4);
    var points = paint.getImageData(0, 0, 4, 4).data;
    for (var at = 0; at < points.length; at += 4) {
      if (points[at] !== 0x1e || points[at + 1] !== 0x90 || points[at + 2] !== 0xff) {
        return false;
      }
    }
    return true;
  }

  function painted(image, edge) {
    var longest = Math.max(image.naturalWidth, image.naturalHeight);
    var scale = Math.min(1, edge / longest);
    var canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    var paint = canvas.getContext("2d");
    paint.fillStyle = "#ffffff";
    paint.fillRect(0, 0, canvas.width, canvas.height);
    paint.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function bytesOf(url) {
    var text = window.atob(url.slice(url.indexOf(",") + 1));
    var bytes = new Uint8Array(text.length);
    for (var at = 0; at < text.length; at += 1) { bytes[at] = text.charCodeAt(at); }
    return bytes;
  }

  function jpeg(image) {
    for (var edge = MOST_EDGE; edge >= 400; edge /= 2) {
      var canvas = painted(image, edge);
      for (var at = 0; at < FINENESS.length; at += 1) {
        var url = canvas.toDataURL("image/jpeg", FINENESS[at]);
        if (url.indexOf("data:image/jpeg;base64,") !== 0) { return null; }
        var bytes = bytesOf(url);
        if (bytes.length <= MOST_BYTES) { return { url: url, bytes: bytes }; }
      }
    }
    return null;
  }

  function cleanedPicture(file, tell) {
    var refuse = function () { tell(null); };
    if (file.size > MOST_FILE_BYTES) { refuse(); return; }
    var reader = new FileReader();
    reader.onerror = refuse;
    reader.onload = function () {
      var image = new Image();
      image.onerror = refuse;
      image.onload = function () {
        var points = image.naturalWidth * image.naturalHeight;
        if (!points || points > MOST_POINTS) { refuse(); return; }
        var clean = null;
        try { clean = jpeg(image); } catch (_error) { clean = null; }
        tell(clean);
      };
      image.src = reader.result;
    };
    reader.readAsDataURL(file);
  }

  function showPictures() {
    var list = emptied(byId("picked"));
    pictures.forEach(function (picture, at) {
      var item = made("li");
      item.appendChild(thumbnail(picture, at));
      item.appendChild(button(say("remove_picture"), function () {
        pictures.splice(at, 1);
        showPictures();
        byId("pictures").focus();
      }, "button button--quiet button--small"));
      list.appendChild(item);
    });
  }

  function thumbnail(picture, at) {
    var image = new Image();
    image.src = picture.url;
    image.alt = say("picture_number", { number: at + 1 });
    image.className = "thumbnail";
    return image;
  }

  function pickPictures() {
    var input = byId("pictures");
    var told = byId("pictures-told");
    input.accept = "image/*";
    byId("pictures-hint").textContent = say("pictures_here");
    input.addEventListener("change", take);
    /* Chosen before this script had come. */
    if (input.files && input.files.length) { take(); }

    function take() {
      var refused = [];
      var files = Array.prototype.slice.call(input.files || []);
      /* What is chosen is kept here; the field is ready for more. */
      input.value = "";
      if (!canPaint()) {
        told.textContent = say("pictures_guarded");
        return;
      }
      if (pictures.length + files.length > data.most_pictures) {
        told.textContent = say("pictures_many");
        return;
      }
      told.textContent = files.length ? say("pictures_working") : "";
      working += files.length;
      /* One after the other: a phone has little memory. */
      (function next() {
        var file = files.shift();
        if (!file) {
          showPictures();
          told.textContent = refused.length
            ? say("picture_refused", { name: refused.join(", ") }) : "";
          return;
        }
        cleanedPicture(file, function (clean) {
          working -= 1;
          if (clean) { pictures.push(clean); } else { refused.push(file.name); }
          next();
        });
      })();
    }
  }

  /* Looking through it once more. */

  function row(list, label, value) {
    list.appendChild(made("dt", label));
    list.appendChild(made("dd", value || say("nothing")));
  }

  function labelOf(id) {
    var label = form.querySelector("label[for=" + id + "]");
    return label ? label.textContent : "";
  }

  function showHints() {
    var place = emptied(byId("hints"));
    var text = [field("what"), field("where"), field("when")].join("\n");
    var hints = revealing ? revealing.find(text) : [];
    if (!hints.length) { return; }
    var note = made("div", "", "note note--warning");
    note.appendChild(made("h3", say("may_reveal"), "note-title"));
    var list = made("ul");
    hints.forEach(function (hint) {
      list.appendChild(made("li", "“" + hint.found + "” (" + data.kinds[hint.kind] + ")"));
    });
    note.appendChild(list);
    note.appendChild(made("p", say("reveals_what")));
    place.appendChild(note);
  }

  /* Very many tips come at this time: a small task stands before one that is not urgent. */

  function showTask() {
    var place = byId("review-task");
    var numbers = emptied(byId("review-numbers"));
    place.hidden = !data.task || form.elements.urgent.checked;
    if (place.hidden) { return; }
    data.task.numbers.forEach(function (number) {
      var label = made("label", "", "pick");
      var pick = made("input");
      pick.type = "radio";
      pick.name = "review-number";
      pick.value = String(number);
      label.appendChild(pick);
      label.appendChild(document.createTextNode(number));
      numbers.appendChild(label);
    });
  }

  function pickedNumber() { return document.querySelector("input[name=review-number]:checked"); }

  function askTask() {
    failed("task_pick");
    byId("review-task").querySelector("legend").focus();
    /* Not under the buttons that stay at the bottom of a small screen. */
    byId("review-task").scrollIntoView();
  }

  function showReview() {
    var list = emptied(byId("review-list"));
    var picked = category();
    row(list, say("category"), picked ? picked.parentNode.textContent.trim() : "");
    ["what", "where", "when"].forEach(function (name) { row(list, labelOf(name), field(name)); });
    if (form.elements.unit) {
      row(list, labelOf("unit"), form.elements.unit.selectedOptions
        ? form.elements.unit.selectedOptions[0].textContent : unitCode());
    }
    if (form.elements.about_officer.checked) { row(list, say("about_officer"), say("yes")); }
    if (form.elements.urgent.checked) { row(list, say("urgent"), say("yes")); }
    var drawn = emptied(byId("review-pictures"));
    pictures.forEach(function (picture, at) { drawn.appendChild(thumbnail(picture, at)); });
    byId("send-told").textContent = "";
    showTask();
    shown(true);
    /* Once it is in sight, so that it is read out. */
    showHints();
    byId("review-title").focus();
    window.scrollTo(0, 0);
    if (!(history.state && history.state.isReview)) {
      history.pushState({ isReview: true }, "");
    }
  }

  /* One thing at a time: while it is looked through, what stands around the form is away. */
  function shown(isReview) {
    form.hidden = isReview;
    review.hidden = !isReview;
    ["lead", "card", "faults"].forEach(function (id) {
      if (byId(id)) { byId(id).hidden = isReview; }
    });
  }

  function showForm() {
    shown(false);
    form.elements.what.focus();
  }

  function goBack() {
    if (history.state && history.state.isReview) { history.back(); } else { showForm(); }
  }

  /* Sending: only what was sealed. */

  function told() {
    return {
      unit: unitCode(),
      about_officer: form.elements.about_officer.checked,
      report: {
        category: category().value,
        what: field("what"),
        where: field("where"),
        when: field("when"),
        is_urgent: form.elements.urgent.checked
      },
      pictures: pictures.map(function (picture) { return picture.bytes; })
    };
  }

  function bodyOf(sealed) {
    var body = new FormData();
    body.append("tip", JSON.stringify(sealed.envelope));
    sealed.records.forEach(function (record) {
      body.append("record", new Blob([record], { type: "application/octet-stream" }), "r");
    });
    return body;
  }

  function failed(key) {
    isSending = false;
    byId("send").disabled = false;
    byId("edit").disabled = false;
    byId("send-told").textContent = say(key);
  }

  function tooSlow() { failed(pictures.length ? "pictures_slow" : "not_sent"); }

  function send() {
    if (isSending) { return; }
    if (!byId("review-task").hidden && !pickedNumber()) { askTask(); return; }
    isSending = true;
    byId("send").disabled = true;
    byId("edit").disabled = true;
    byId("send-told").textContent = say("sending");
    /* After the words above were painted: sealing takes a moment on an old phone. */
    setTimeout(function () { attempt(MOST_TRIES); }, 50);
  }

  function numberOf(tip) {
    var sizes = tip.pictures.map(function (picture) { return picture.length; });
    var said = JSON.stringify([tip.unit, tip.about_officer, tip.report, sizes]);
    if (said !== lastTold) {
      lastTold = said;
      lastNumber = seal.newNumber();
    }
    return lastNumber;
  }

  function attempt(triesLeft) {
    if (!triesLeft) { failed("not_sent"); return; }
    var sealed;
    try {
      var tip = told();
      sealed = seal.tip(data.ground, tip);
      sealed.envelope.once = numberOf(tip);
      if (pickedNumber()) {
        sealed.envelope.task = data.task.token;
        sealed.envelope.number = pickedNumber().value;
      }
    } catch (_error) {
      failed("not_sent");
      return;
    }
    var request = new XMLHttpRequest();
    request.open("POST", data.path);
    request.timeout = SLOWEST_MS;
    request.upload.onprogress = function (event) {
      if (event.lengthComputable && event.total) {
        var share = Math.floor(100 * event.loaded / event.total);
        byId("send-progress").value = share;
        byId("send-progress").hidden = false;
      }
    };
    request.onerror = function () { failed("not_sent"); };
    request.ontimeout = tooSlow;
    request.onload = function () {
      byId("send-progress").hidden = true;
      answered(request, triesLeft);
    };
    request.send(bodyOf(sealed));
  }

  function answered(request, triesLeft) {
    if (request.status === 200) { showReceipt(request.responseText); return; }
    var said = {};
    try { said = JSON.parse(request.responseText); } catch (_error) { said = {}; }
    if (said.error === "readers") {
      /* Somebody was made a moderator meanwhile, or is none any more: seal it for them. */
      data.ground = said.ground;
      if (!canSeal()) { failed("not_ready"); return; }
      attempt(triesLeft - 1);
    } else if (said.error === "again") {
      attempt(triesLeft - 1);
    } else if (said.error === "task") {
      data.task = said.task;
      showTask();
      askTask();
    } else if (said.error === "too_slow") {
      tooSlow();
    } else if (said.error === "too_many") {
      byId("send-told").textContent = say("wait", { seconds: said.wait_s });
      setTimeout(function () { attempt(triesLeft - 1); }, 1000 * said.wait_s);
    } else {
      failed(said.error === "not_ready" ? "not_ready" : "not_sent");
    }
  }

  function showReceipt(html) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var main = page.getElementById("main");
    if (!main) { failed("not_sent"); return; }
    pictures = [];
    form.reset();
    document.title = page.title;
    var old = byId("main");
    old.parentNode.replaceChild(document.adoptNode(main), old);
    if (calledFor) {
      var mark = danger.querySelector("button");
      if (mark) { mark.parentNode.removeChild(mark); }
      main.insertBefore(danger, main.firstChild);
    }
    history.replaceState(null, "");
    window.removeEventListener("popstate", moved);
    window.scrollTo(0, 0);
    window.binhyenReceipt();
    var title = main.querySelector("h1");
    title.tabIndex = -1;
    title.focus();
  }

  function moved(event) {
    if (event.state && event.state.isReview) { showReview(); } else { showForm(); }
  }

  /* Once sealing is known to work here. */

  function begin() {
    how.textContent = say("sealed_here");
    how.className = "note note--good";
    /* The browser has looked for what is missing before it lets the form go. */
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var about = byId("about-told");
      about.textContent = "";
      if (!canSeal()) {
        /* Nobody could open it: it would be refused, so it does not leave this page. */
        if (form.elements.about_officer.checked) {
          about.textContent = say("no_inspectorate");
          form.elements.about_officer.focus();
        } else {
          how.textContent = say("not_ready");
          how.className = "note note--warning";
        }
        return;
      }
      if (working) { byId("pictures-told").textContent = say("pictures_working"); return; }
      watch();
      showReview();
    });
    form.querySelector("button[type=submit]").textContent = say("review");
    if (byId("sure")) { byId("sure").hidden = true; }
    /* It is asked for below, once everything else was looked through. */
    if (byId("task")) { byId("task").parentNode.removeChild(byId("task")); }
    byId("send").addEventListener("click", send);
    byId("edit").addEventListener("click", goBack);
    window.addEventListener("popstate", moved);
    pickPictures();
    whileTyping();
    askForRules();
  }

  var hasAll = seal && window.binhyenWarn && window.FormData && window.Blob &&
    window.FileReader && window.DOMParser && window.Uint8Array && window.Promise &&
    window.history && history.pushState && "".normalize && form.elements.what;
  if (!hasAll) {
    how.textContent = say("not_sealable");
  } else {
    seal.whenReady(function (isReady) {
      if (isReady) { begin(); } else { how.textContent = say("not_sealable"); }
    });
  }
})();
