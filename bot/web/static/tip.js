/* Small comforts for the tip pages; everything works without them. */
(function () {
  "use strict";

  var form = document.querySelector("form");
  if (form) {
    form.addEventListener("submit", function (event) {
      /* After the form was read, so that a second tap cannot send it twice. */
      setTimeout(function () { enabled(event.defaultPrevented); }, 0);
    });
    /* Back from the next page: the buttons must live again. */
    window.addEventListener("pageshow", function () { enabled(true); });
  }

  function enabled(isEnabled) {
    var buttons = form.querySelectorAll("button[type=submit]");
    for (var at = 0; at < buttons.length; at += 1) { buttons[at].disabled = !isEnabled; }
  }

  var faults = document.getElementById("faults");
  if (faults) { faults.focus(); }

  function receiptButtons() {
    var receipt = document.getElementById("receipt");
    if (!receipt) { return; }
    document.getElementById("receipt-buttons").hidden = false;
    document.getElementById("print").addEventListener("click", function () { window.print(); });
    var copy = document.getElementById("copy");
    copy.addEventListener("click", function () {
      var done = function () { copy.textContent = copy.getAttribute("data-done"); };
      var select = function () { selectAll(receipt); };
      if (navigator.clipboard) {
        navigator.clipboard.writeText(receipt.textContent).then(done, select);
      } else {
        select();
      }
    });
  }

  function selectAll(element) {
    var range = document.createRange();
    range.selectNodeContents(element);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  receiptButtons();
  /* For a page that puts a receipt in place by itself. */
  window.binhyenReceipt = receiptButtons;
})();
