/* Seals a tip in the browser exactly as bot/vault/tips.py does on the server.

   record  = version | nonce (24 bytes) | XChaCha20-Poly1305 of the text, padded by doubling
   wrapped = version | crypto_box_seal("binhyen.tip.key.1" | key of the tip)

   Written for old phones; libsodium (window.sodium) is in vendor/sodium.js. */
(function () {
  "use strict";

  var VERSION = 1;
  var SMALLEST = 1024;
  var SIGNS = "0123456789abcdefghjkmnpqrstvwxyz";

  function joined(parts) {
    var size = parts.reduce(function (sum, part) { return sum + part.length; }, 0);
    var whole = new Uint8Array(size);
    var at = 0;
    parts.forEach(function (part) { whole.set(part, at); at += part.length; });
    return whole;
  }

  function number(value, bytes) {
    var found = new Uint8Array(bytes);
    for (var at = bytes - 1; at >= 0; at -= 1) {
      found[at] = value % 256;
      value = Math.floor(value / 256);
    }
    return found;
  }

  /* A list of byte strings that no other list spells alike: each after its length. */
  function listed(parts) {
    var pieces = [];
    parts.forEach(function (part) { pieces.push(number(part.length, 4), part); });
    return joined(pieces);
  }

  function padded(plain) {
    var size = SMALLEST;
    while (size <= plain.length) { size *= 2; }
    var whole = new Uint8Array(size);
    whole.set(plain);
    whole[plain.length] = 0x80;
    return whole;
  }

  function bytesOf(text) { return window.sodium.from_string(text); }

  function record(key, plain, place) {
    var sodium = window.sodium;
    var version = new Uint8Array([VERSION]);
    var boundTo = listed([
      version, bytesOf(place.unit), bytesOf(place.tip), bytesOf(place.kind),
      number(place.sequence, 8)
    ]);
    var nonce = sodium.randombytes_buf(24);
    var box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      padded(plain), boundTo, null, nonce, key
    );
    return joined([version, nonce, box]);
  }

  function wrapped(key, publicKey) {
    var content = joined([bytesOf("binhyen.tip.key.1"), key]);
    var box = window.sodium.crypto_box_seal(content, publicKey);
    return joined([new Uint8Array([VERSION]), box]);
  }

  function newId() {
    var id = "";
    window.sodium.randombytes_buf(12).forEach(function (byte) { id += SIGNS.charAt(byte % 32); });
    return id;
  }

  /* Returns 32 signs that nobody can guess: by them the server knows what is sent again. */
  function newNumber() { return window.sodium.to_hex(window.sodium.randombytes_buf(16)); }

  function base64(bytes) {
    return window.sodium.to_base64(bytes, window.sodium.base64_variants.ORIGINAL);
  }

  function fromBase64(text) {
    return window.sodium.from_base64(text, window.sodium.base64_variants.ORIGINAL);
  }

  /* Returns {id, readers} of the unit that is to read it, or null if nobody would: one about an
     officer is read by the inspectorate that the unit has named. */
  function filedUnder(ground, code, aboutOfficer) {
    var unit = ground.units[code];
    if (!unit) { return null; }
    var filed = aboutOfficer
      ? { id: unit.inspectorate, readers: ground.inspecting[unit.inspectorate] || [] }
      : { id: unit.id, readers: unit.readers };
    return filed.readers.length ? filed : null;
  }

  /* Returns what may be sent of a tip: `envelope`, and `records`, sealed.
     ground  what the page was given: units by code, their readers, the readers' public keys
     told    {unit: code, about_officer, report: {category, what, where, when, is_urgent},
              pictures: [bytes]} */
  function tip(ground, told) {
    var sodium = window.sodium;
    var filed = filedUnder(ground, told.unit, told.about_officer);
    var id = newId();
    var key = sodium.randombytes_buf(32);
    var talk = sodium.crypto_box_keypair();
    var parts = [["report", bytesOf(JSON.stringify(told.report))], ["talk", talk.privateKey]];
    told.pictures.forEach(function (picture) { parts.push(["picture", picture]); });
    var records = parts.map(function (part, sequence) {
      return record(key, part[1], {
        unit: filed.id, tip: id, kind: part[0], sequence: sequence
      });
    });
    var keys = {};
    filed.readers.forEach(function (reader) {
      keys[reader] = base64(wrapped(key, fromBase64(ground.keys[reader])));
    });
    var envelope = {
      id: id,
      unit: filed.id,
      category: told.report.category,
      is_urgent: told.report.is_urgent,
      about_officer: told.about_officer,
      talk: base64(talk.privateKey),
      keys: keys
    };
    sodium.memzero(key);
    return { envelope: envelope, records: records };
  }

  /* Calls back with true once sealing is possible here, else with false. */
  function whenReady(tell) {
    var crypto = window.crypto || window.msCrypto;
    if (!window.sodium || !window.sodium.ready || !crypto || !crypto.getRandomValues) {
      tell(false);
      return;
    }
    window.sodium.ready.then(function () { tell(true); }, function () { tell(false); });
  }

  window.binhyenSeal = {
    record: record,
    wrapped: wrapped,
    tip: tip,
    filedUnder: filedUnder,
    newId: newId,
    newNumber: newNumber,
    whenReady: whenReady
  };
})();
