;; SPDX-License-Identifier: GPL-3.0-or-later
;; guix build -f packaging/guix/posthaste.scm, with the tarball of "make dist" in the current folder
(use-modules (guix packages)
             (guix gexp)
             (guix build-system gnu)
             ((guix licenses) #:prefix license:)
             (gnu packages aidc)
             (gnu packages check)
             (gnu packages curl)
             (gnu packages dns)
             (gnu packages gettext)
             (gnu packages gnome)
             (gnu packages gsasl)
             (gnu packages libidn)
             (gnu packages nettle)
             (gnu packages pkg-config)
             (gnu packages python)
             (gnu packages texinfo)
             (gnu packages tls)
             (gnu packages web))

(define version "0.1.0")

(package
  (name "posthaste")
  (version version)
  (source (local-file (string-append (getcwd) "/posthaste-" version ".tar.xz")))
  (build-system gnu-build-system)
  (arguments
   (list
    #:test-target "check-program"
    ;; Libraries are found by the paths in the program's header.  The
    ;; system's folders are not below the package's.
    #:configure-flags
    #~(list "--disable-lazy-libraries"
            "--sysconfdir=/etc"
            "--localstatedir=/var"
            "--with-sendmail-links")
    #:make-flags
    #~(list (string-append "SHELL=" (which "sh")))
    #:phases
    #~(modify-phases %standard-phases
        (replace 'install
          (lambda _
            (invoke "make" "install"
                    (string-append "localstatedir=" #$output "/var"))
            (delete-file-recursively (string-append #$output "/var")))))))
  (native-inputs (list cmocka gettext-minimal openssl pkg-config python texinfo))
  (inputs (list curl gnutls gsasl jansson libidn2 libsecret nettle qrencode unbound))
  (home-page "https://posthaste.invalid/")
  (synopsis "Submit mail from the command line")
  (description
   "posthaste takes a message on standard input, the way sendmail does, and
hands it to a mail server: with TLS, a password, OAuth2 or Kerberos, with every
SMTP extension that helps, and with an exit status that scripts can rely on.  A
message that cannot be sent at the moment is kept in a queue and sent later.")
  (license license:gpl3+))
