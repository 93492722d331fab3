/* Small comforts for the tip pages; everything works without them. */
(function () {
  "use strict";

  var form = document.querySelector("form");
  if (form) {
    form.addEventListener("submit", function () {
      var button = form.querySelector("button[type=submit]");
      /* After the form was read, so that a second tap cannot send it twice. */
      setTimeout(function () { button.disabled = true; }, 0);
    });
    /* Back from the next page: the button must live again. */
    window.addEventListener("pageshow", function () {
      form.querySelector("button[type=submit]").disabled = false;
    });
  }

  var faults = document.getElementById("faults");
  if (faults) { faults.focus(); }

  var receipt = document.getElementById("receipt");
  if (receipt) {
    document.getElementById("receipt-buttons").hidden = false;
    document.getElementById("print").addEventListener("click", function () { window.print(); });
    var copy = document.getElementById("copy");
    copy.addEventListener("click", function () {
      var done = function () { copy.textContent = copy.getAttribute("data-done"); };
      if (navigator.clipboard) {
        navigator.clipboard.writeText(receipt.textContent).then(done, select);
      } else {
        select();
      }
    });
  }

  function select() {
    var range = document.createRange();
    range.selectNodeContents(receipt);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
})();
