/* Looks through a text that is not sent in the clear: is somebody in danger, does it betray its
   writer? The rules come from the server, which uses the same ones for texts it can read:
   content/danger.yaml, content/revealing.yaml. The reading of messages is that of
   bot/services/answers/wordings.py, the weighing that of danger_model.py beside it. */
(function () {
  "use strict";

  /* Letters and figures; old phones know no \p{L}. */
  var SIGN = "0-9A-Za-z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02af" +
    "\\u0370-\\u037d\\u0386-\\u1fff\\u3041-\\ud7ff";
  var WORDS = new RegExp("[" + SIGN + "]+|\\ud83c\\udd98", "g");
  var LETTERS = new RegExp("[" + SIGN + "]+", "g");
  var REPEATED = new RegExp("([" + SIGN.replace("0-9", "") + "])\\1{2,}", "g");
  var ENDS = /[.!?\u2026;\n]+(?!\d)/;
  var MARKS = /[\u0300-\u036f]/g;
  var TONES = { "\u0300": "2", "\u0301": "1", "\u0303": "3", "\u0309": "3", "\u0323": "5" };
  var HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g;
  var MOST_HINTS = 5;
  var LONGEST_FOUND = 60;

  function cleaned(text) {
    text = text.replace(/\r\n?/g, "\n").replace(/\t/g, " ");
    return text.replace(HIDDEN, "").normalize("NFC").trim();
  }

  function folded(text) {
    var bare = text.toLowerCase().normalize("NFD").replace(MARKS, "").replace(/\u0111/g, "d");
    return bare.split(/\s+/).filter(Boolean).join(" ");
  }

  function soundedWord(word) {
    var tone = "";
    var letters = "";
    word.normalize("NFD").split("").forEach(function (sign) {
      if (TONES[sign]) { tone = TONES[sign]; } else { letters += sign; }
    });
    return letters.normalize("NFC") + tone;
  }

  function sounded(text) {
    return text.toLowerCase().replace(LETTERS, function (found) {
      /* Figures are no part of a word here, so they end one. */
      return found.replace(/[^0-9]+/g, soundedWord);
    });
  }

  /* The same as bot/services/answers/telex.py. */
  var TELEX = /^([b-df-hj-np-tv-z]*?)(gi(?=[a-z]*[aeouy])|qu)?([aeiouyw][a-z]*)$/;
  var VNI = /^([b-df-hj-np-tv-z]*?9?)(gi(?=[a-z0-9]*[aeouy])|qu)?([aeiouy][a-z0-9]*)$/;
  var RHYME = /^([aeiouy]{1,3})(ch|ng|nh|[cmnpt])?$/;
  var TONE_SIGNS = { s: "\u0301", f: "\u0300", r: "\u0309", x: "\u0303", j: "\u0323", z: "",
    1: "\u0301", 2: "\u0300", 3: "\u0309", 4: "\u0303", 5: "\u0323" };
  var HORNS = [["uo", "\u01b0\u01a1"], ["ua", "\u01b0a"], ["uu", "\u01b0u"], ["oa", "o\u0103"],
    ["u", "\u01b0"], ["o", "\u01a1"], ["a", "\u0103"]];
  var CIRCUMFLEXES = { a: "\u00e2", e: "\u00ea", o: "\u00f4" };
  var SHAPED = /[\u0103\u00e2\u00ea\u00f4\u01a1\u01b0]/g;

  function typedOut(word) {
    return /[0-9]/.test(word) ? fromVni(word) : fromTelex(word);
  }

  function fromTelex(word) {
    var bare = word;
    var last = word.length - 1;
    if (word.indexOf("dd") === 0) {
      bare = "\u0111" + word.slice(2);
    } else if (last > 1 && word.charAt(0) === "d" && word.charAt(last) === "d") {
      bare = "\u0111" + word.slice(1, last);
    }
    var parted = TELEX.exec(bare.replace("\u0111", "d"));
    if (!parted) { return word; }
    var toneless = withoutTone(parted[3], "sfrxjz");
    var rest = toneless.rest;
    if (!/[aeiouy]/.test(rest)) { rest = "u" + rest; }
    var plain = rest.replace(/w/g, "");
    var shape = plain === rest ? "" : "w";
    var doubled = /([aeo])([a-z]*?)\1/.exec(plain);
    if (doubled) {
      var end = doubled.index + doubled[0].length;
      plain = plain.slice(0, end - 1) + plain.slice(end);
      shape += "6";
    }
    if (toneless.tone === null && !shape && bare === word) { return word; }
    var begin = bare.charAt(0) === "\u0111" ? "\u0111" + parted[1].slice(1) : parted[1];
    return putTogether(begin, parted[2] || "", plain, shape, toneless.tone || "") || word;
  }

  function fromVni(word) {
    var parted = VNI.exec(word);
    if (!parted) { return word; }
    var start = parted[1];
    var rest = parted[3];
    var hasStroke = (start + rest).indexOf("9") >= 0 && start.charAt(0) === "d";
    var toneless = withoutTone(hasStroke ? rest.replace(/9/g, "") : rest, "12345");
    rest = toneless.rest;
    var plain = rest.replace(/[678]/g, "");
    var shape = (rest.indexOf("6") >= 0 ? "6" : "") + (/[78]/.test(rest) ? "w" : "");
    var begin = hasStroke ? "\u0111" + start.replace(/9/g, "").slice(1) : start;
    return putTogether(begin, parted[2] || "", plain, shape, toneless.tone || "") || word;
  }

  function withoutTone(rest, signs) {
    var kept = "";
    var tone = null;
    for (var at = 0; at < rest.length; at += 1) {
      if (at && signs.indexOf(rest.charAt(at)) >= 0) {
        tone = TONE_SIGNS[rest.charAt(at)];
      } else {
        kept += rest.charAt(at);
      }
    }
    return { rest: kept, tone: tone };
  }

  function putTogether(start, glide, rest, shape, tone) {
    var parted = RHYME.exec(rest);
    if (!parted || shape.length > 1) { return ""; }
    var vowels = parted[1];
    var end = parted[2] || "";
    var at;
    if (shape === "w") {
      for (at = 0; at < HORNS.length && vowels.indexOf(HORNS[at][0]) < 0; at += 1) { /* next */ }
      if (at === HORNS.length) { return ""; }
      vowels = vowels.replace(HORNS[at][0], HORNS[at][1]);
    } else if (shape === "6") {
      at = Math.max(vowels.lastIndexOf("a"), vowels.lastIndexOf("e"), vowels.lastIndexOf("o"));
      if (at < 0) { return ""; }
      vowels = vowels.slice(0, at) + CIRCUMFLEXES[vowels.charAt(at)] + vowels.slice(at + 1);
    }
    at = placeOfTone(vowels, Boolean(end));
    var toned = vowels.slice(0, at + 1) + tone + vowels.slice(at + 1);
    return (start + glide + toned + end).normalize("NFC");
  }

  function placeOfTone(vowels, isClosed) {
    var shaped = vowels.match(SHAPED);
    if (shaped) { return vowels.lastIndexOf(shaped[shaped.length - 1]); }
    if (isClosed) { return vowels.length - 1; }
    return vowels.length === 3 ? 1 : 0;
  }

  function Danger(rules) {
    var self = this;
    var known = {};
    rules.known.forEach(function (word) { known["=" + word] = true; });
    this.known = known;
    this.shorthand = {};
    for (var word in rules.shorthand) { this.shorthand["=" + word] = rules.shorthand[word]; }
    this.syllable = new RegExp("^(?:" + rules.syllable + ")$");
    this.shares = rules;
    this.rules = rules.rules.map(function (rule) {
      return {
        kind: rule.kind, number: rule.number,
        sure: pattern(rule.sure), likely: pattern(rule.likely)
      };
    });
    this.contexts = {};
    for (var name in rules.contexts) { this.contexts[name] = pattern(rules.contexts[name]); }
    this.model = rules.model;
    this.signs = { sounded: {}, folded: {} };
    this.isFrame = {};
    rules.model.frames.forEach(function (group) { self.isFrame["=" + group] = true; });
    Object.keys(rules.model.groups).forEach(function (group) {
      rules.model.groups[group].forEach(function (phrase) {
        var plain = phrase.replace(/'/g, "");
        noted(self.signs.sounded, "=" + sounded(plain), group);
        noted(self.signs.folded, "=" + folded(plain), group);
      });
    });
  }

  function noted(table, key, group) {
    table[key] = table[key] || [];
    if (table[key].indexOf(group) < 0) { table[key].push(group); }
  }

  function pattern(pair) {
    return { sounded: new RegExp(pair.sounded, "g"), folded: new RegExp(pair.folded, "g") };
  }

  function says(expression, text) {
    expression.lastIndex = 0;
    return expression.test(text);
  }

  /* Every match begins with the space before it, which also ends the match before. */
  function without(expression, text) {
    var left = "";
    var from = 0;
    var found;
    expression.lastIndex = 0;
    while ((found = expression.exec(text)) !== null && found[0].length > 1) {
      left += text.slice(from, found.index + 1) + " ";
      from = found.index + found[0].length;
      expression.lastIndex = from - 1;
    }
    return left + text.slice(from);
  }

  Danger.prototype.meant = function (word) {
    if (/[^\x00-\x7f]/.test(word) || this.syllable.test(word) || this.shorthand["=" + word] ||
        /^\d+$/.test(word)) {
      return word;
    }
    var meant = typedOut(word);
    var plain = folded(meant);
    return this.known["=" + plain] && this.syllable.test(plain) ? meant : word;
  };

  Danger.prototype.typedOut = function (words) {
    var self = this;
    var meant = words.map(function (word) { return self.meant(word); });
    function isKnown(at) { return Boolean(self.known["=" + words[at]]); }
    var sure = meant.filter(function (one, at) { return one !== words[at] && !isKnown(at); });
    var least = Math.max(this.shares.fewest_typed, this.shares.share_typed * words.length);
    return meant.map(function (one, at) {
      return sure.length >= least || !isKnown(at) ? one : words[at];
    });
  };

  /* One sentence in the forms the rules look at. */
  Danger.prototype.sentence = function (part) {
    var self = this;
    var typed = this.typedOut(part.match(WORDS) || []);
    var marked = typed.map(function (word) {
      return self.shorthand["=" + word] || word;
    }).join(" ");
    var letters = typed.filter(function (word) {
      return !/[0-9]/.test(word) && word !== "\ud83c\udd98" && !self.shorthand["=" + word];
    });
    var many = letters.filter(function (word) { return folded(word) !== word; }).length;
    return {
      sounded: sounded(marked), folded: folded(marked), share: many / Math.max(letters.length, 1)
    };
  };

  /* What the rules say of one reading of a sentence: like Danger.look in content/danger.py. */
  Danger.prototype.look = function (sentence, way) {
    var contexts = this.contexts;
    var left = without(contexts.harmless[way], sentence);
    var last = this.rules.length - 1;
    var found = { names: [], sure: [], hasLikely: false, hasRule: false };
    var has = {};
    Object.keys(contexts).forEach(function (name) {
      var read = name === "urgent" || name === "telling" ? left : sentence;
      has[name] = name === "harmless" ? left !== sentence : says(contexts[name][way], read);
      if (has[name]) { found.names.push(name); }
    });
    var isElsewhen = has.past || has.hypothetical;
    var isNever = has.story || (isElsewhen && !has.still);
    var mayBeLikely = (has.urgent || has.telling) && !isElsewhen && !has.asking;
    this.rules.forEach(function (rule, at) {
      if (says(rule.sure[way], left)) {
        found.sure.push(rule.kind);
        found.hasRule = found.hasRule || !isNever;
      }
      if (says(rule.likely[way], left)) {
        found.hasLikely = true;
        found.hasRule = found.hasRule || (!isNever && mayBeLikely && at < last);
      }
    });
    return found;
  };

  /* Signs of danger in words, the longest first at each place. */
  Danger.prototype.signsIn = function (words, way) {
    var found = [];
    var at = 0;
    while (at < words.length) {
      var end = Math.min(at + this.model.longest, words.length);
      var groups = null;
      for (; end > at && !groups; end -= 1) {
        groups = this.signs[way]["=" + words.slice(at, end).join(" ")] || null;
      }
      if (groups) { found.push({ start: at, end: end + 1, groups: groups }); }
      at = groups ? end + 1 : at + 1;
    }
    return found;
  };

  /* What can be seen in one sentence: like bot/services/answers/danger_features.py. */
  Danger.prototype.part = function (text) {
    var self = this;
    var model = this.model;
    var sentence = this.sentence(text);
    var seen = {};
    var groups = {};
    function see(name) { seen[name] = true; }
    function seeWords(words, one, two) {
      words.forEach(function (word, at) {
        see(one + word);
        if (at) { see(two + words[at - 1] + " " + word); }
      });
    }
    if (!sentence.folded) { return null; }
    var plain = sentence.folded.split(" ");
    var marked = sentence.sounded.split(" ");
    var isMarked = sentence.share >= this.shares.share_unmarked;
    seeWords(["<"].concat(plain, ">"), "1", "2");
    if (isMarked) { seeWords(marked, "s", "t"); }
    var hasTones = sentence.share >= model.share_signs;
    var signs = this.signsIn(hasTones ? marked : plain, hasTones ? "sounded" : "folded");
    signs.forEach(function (first, at) {
      first.groups.forEach(function (one) {
        see("g" + one);
        groups[one] = true;
        for (var next = at + 1; next < signs.length; next += 1) {
          var gap = signs[next].start - first.end;
          if (gap > model.farthest) { break; }
          signs[next].groups.forEach(function (two) {
            see("p" + one + ">" + two);
            if (!gap) { see("a" + one + ">" + two); }
          });
        }
      });
    });
    var looks = [];
    if (isMarked) { looks.push(self.look(" " + sentence.sounded + " ", "sounded")); }
    if (sentence.share < this.shares.share_marked) {
      looks.push(self.look(" " + sentence.folded + " ", "folded"));
    }
    looks.forEach(function (look) {
      look.names.forEach(function (name) { see("!" + name); });
      look.sure.forEach(function (kind) { see("!sure"); see("!sure:" + kind); });
      if (look.hasLikely) { see("!likely"); }
      if (look.hasRule) { see("!rule"); }
    });
    return { features: Object.keys(seen), groups: Object.keys(groups), words: plain.length };
  };

  /* The features of all parts of a message, and how they are told together. */
  Danger.prototype.together = function (parts) {
    var self = this;
    var seen = {};
    var found = {};
    var count = 1;
    parts.forEach(function (part) {
      part.features.forEach(function (name) { seen[name] = true; });
      part.groups.forEach(function (group) { found[group] = true; });
      count += part.words;
    });
    var groups = Object.keys(found);
    groups.forEach(function (frame) {
      if (!self.isFrame["=" + frame]) { return; }
      groups.forEach(function (group) {
        if (!self.isFrame["=" + group] || frame < group) { seen["x" + frame + "&" + group] = true; }
      });
    });
    var length = 0;
    for (; count >= 2 && length < this.model.longest_message; count /= 2) { length += 1; }
    seen["#" + length] = true;
    return Object.keys(seen);
  };

  function weighed(weights, features) {
    var sum = 0;
    features.forEach(function (name) { sum += weights[name] || 0; });
    return sum / Math.sqrt(features.length);
  }

  /* Returns the features of the message, or of a piece of it, that tell of danger, or null. */
  Danger.prototype.heard = function (parts) {
    var model = this.model;
    var features = this.together(parts);
    var words = parts.reduce(function (sum, part) { return sum + part.words; }, 0);
    var isBare = words <= model.short_words && features.indexOf("!rule") < 0;
    var limit = isBare ? model.limit_short : model.limit;
    if (weighed(model.danger, features) > limit) { return features; }
    for (var at = 0; words > model.long_words && at < parts.length; at += 1) {
      var piece = this.together(parts.slice(at, at + 1));
      if (weighed(model.danger, piece) > model.limit_sentence) { return piece; }
    }
    return null;
  };

  /* Returns the name of the fact with the number to call, or "". */
  Danger.prototype.find = function (text) {
    var self = this;
    var model = this.model;
    var said = cleaned(text).toLowerCase().replace(/['\u2019]/g, "").replace(REPEATED, "$1");
    var parts = said.split(ENDS).map(function (part) {
      return self.part(part);
    }).filter(Boolean);
    var heard = parts.length ? this.heard(parts) : null;
    if (!heard) { return ""; }
    var best = "";
    var most = -Infinity;
    Object.keys(model.kinds).forEach(function (kind) {
      var weight = weighed(model.kinds[kind], heard);
      if (weight > most) { most = weight; best = kind; }
    });
    var fitting = this.rules.filter(function (rule) { return rule.kind === best; });
    return (fitting[0] || this.rules[this.rules.length - 1]).number;
  };

  function Revealing(expressions) {
    this.rules = Object.keys(expressions).map(function (kind) {
      return { kind: kind, expression: new RegExp(expressions[kind], "giu") };
    });
  }

  /* Returns [{kind, found}], each place once, at most five. */
  Revealing.prototype.find = function (text) {
    var said = cleaned(text);
    var places = {};
    var hints = [];
    this.rules.forEach(function (rule) {
      var match;
      rule.expression.lastIndex = 0;
      while ((match = rule.expression.exec(said)) !== null) {
        var found = match[1].split(/\s+/).filter(Boolean).join(" ").slice(0, LONGEST_FOUND);
        if (!places["=" + found]) {
          places["=" + found] = true;
          hints.push({ kind: rule.kind, found: found });
        }
        if (!match[0].length) { rule.expression.lastIndex += 1; }
      }
    });
    return hints.slice(0, MOST_HINTS);
  };

  window.binhyenWarn = { Danger: Danger, Revealing: Revealing, cleaned: cleaned };
})();
