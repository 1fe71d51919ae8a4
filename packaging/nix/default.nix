# SPDX-License-Identifier: GPL-3.0-or-later
# nix-build packaging/nix --arg src ./posthaste-VERSION.tar.xz
{ pkgs ? import <nixpkgs> { }
, src
}:

pkgs.stdenv.mkDerivation {
  pname = "posthaste";
  version = "0.1.0";
  inherit src;

  nativeBuildInputs = with pkgs; [ gettext pkg-config texinfo ];
  buildInputs = with pkgs; [ curl gnutls gsasl jansson libidn2 libsecret nettle qrencode unbound ];
  nativeCheckInputs = with pkgs; [ cmocka openssl python3 ];

  # Libraries are found by the paths in the program's header. The system's folders are not below the package's.
  configureFlags = [
    "--disable-lazy-libraries"
    "--sysconfdir=/etc"
    "--localstatedir=/var"
    "--with-root-key=${pkgs.dns-root-data}/root.key"
    "--with-sendmail-links"
  ];
  installFlags = [ "sysconfdir=$(out)/etc" "localstatedir=$(out)/var" ];
  postInstall = "rmdir -p $out/var/spool/posthaste || true";

  doCheck = true;
  checkTarget = "check-program";
  enableParallelBuilding = true;

  meta = with pkgs.lib; {
    description = "Submit mail from the command line";
    license = licenses.gpl3Plus;
    platforms = platforms.linux;
    mainProgram = "posthaste";
  };
}
