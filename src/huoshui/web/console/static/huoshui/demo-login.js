// The demo's sign-in page: an account is filled in by a tap.
for (const button of document.querySelectorAll("[data-account]")) {
  button.addEventListener("click", () => {
    document.getElementById("username").value = button.dataset.account;
    document.getElementById("password").value = button.dataset.secret;
    for (const other of document.querySelectorAll("[data-account]")) other.setAttribute("aria-pressed", other === button);
    document.querySelector(".hs-login form .btn-primary").focus();
  });
}
