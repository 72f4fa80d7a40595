"""A certificate authority of the emulator's own, and the certificate of its https port.

The authority can vouch only for this machine and for the names that a client of Azure asks for when
its requests are led here; a constraint in its certificate says so, and clients hold it to that. Its
key never leaves the folder. This module alone needs a third-party package.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.emulator.wire.errors import EmulatorError

if TYPE_CHECKING:
    from cryptography import x509

CLOUD_NAMES = ("management.azure.com", "login.microsoftonline.com", "graph.microsoft.com")
"""The hosts of Azure for which the emulator can stand, when a proxy leads their clients to it."""

LOCAL_NAMES = ("localhost",)
LOCAL_ADDRESSES = ("127.0.0.1", "::1")

CA_FILE = "ca.pem"
_CA_KEY = "ca.key"
_SERVER = "server.pem"
_NAME = "Emulator of acs-reconciler, for this machine"
_CA_YEARS = 10
_SERVER_DAYS = 90


def authority(folder: Path) -> Path:
    """Return the file of the authority's certificate, which is made if it is not there.

    Raises:
        EmulatorError: The files cannot be read or written.

    """
    return _prepared(folder, server=False)


def context(folder: Path) -> ssl.SSLContext:
    """Return the settings of an https server, with a certificate that is new.

    Raises:
        EmulatorError: The files cannot be read or written.

    """
    _prepared(folder, server=True)
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.minimum_version = ssl.TLSVersion.TLSv1_2
    settings.load_cert_chain(folder / _SERVER)
    return settings


def _prepared(folder: Path, *, server: bool) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / CA_FILE).exists() or not (folder / _CA_KEY).exists():
            _make_authority(folder)
        if server:
            _make_server(folder)
    except (OSError, ValueError) as reason:
        message = (
            f"the certificates in {folder} cannot be used: {reason}; "
            "delete the folder to have them made again, or name another"
        )
        raise EmulatorError(message) from reason
    return folder / CA_FILE


def _make_authority(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    permitted = [x509.DNSName(name) for name in (*LOCAL_NAMES, *CLOUD_NAMES)]
    addresses = [ipaddress.ip_network(text) for text in LOCAL_ADDRESSES]
    names: list[x509.GeneralName] = [*permitted, *map(x509.IPAddress, addresses)]
    certificate = _signed(
        _builder(_NAME, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(names, None), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .not_valid_after(datetime.now(UTC) + timedelta(days=365 * _CA_YEARS)),
        key,
    )
    _write(folder / _CA_KEY, _key_text(key))
    (folder / CA_FILE).write_bytes(_text(certificate))


def _make_server(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signer = load_pem_private_key((folder / _CA_KEY).read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(name) for name in (*LOCAL_NAMES, *CLOUD_NAMES)]
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in LOCAL_ADDRESSES]
    certificate = _signed(
        _builder("localhost", key.public_key())
        .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .not_valid_after(datetime.now(UTC) + timedelta(days=_SERVER_DAYS)),
        signer,
    )
    _write(folder / _SERVER, _key_text(key) + _text(certificate))


def _builder(name: str, public: Any) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _signed(builder: x509.CertificateBuilder, signer: Any) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        builder.issuer_name(_named(_NAME))
        .add_extension(whose, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _usage(**used: bool) -> x509.KeyUsage:
    from cryptography import x509

    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _text(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_text(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    text: bytes = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    return text


def _write(path: Path, text: bytes) -> None:
    """Write a file that only its owner may read; another process sees the old one or the new."""
    new = path.with_suffix(f".{os.getpid()}")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(text)
    new.replace(path)
