#!/usr/bin/env python3
"""The mean of heart rates with TenSEAL (CKKS), as its tutorials do it, and leaner.

Prints a line of JSON for each number of readings; times are medians in milliseconds. The server's
time is from the bytes of the ciphertexts to the bytes of the answer; loading the public keys is not in it.
"""
import json
import statistics
import time

import tenseal as ts


class Tutorial:
    """The tutorials' parameters: degree 8192, coefficient modulus [60, 40, 40, 60], scale 2^40."""

    name, degree, modulus, slots = "TenSEAL tutorial", 8192, [60, 40, 40, 60], 4096

    def keygen(self):
        self.context = ts.context(ts.SCHEME_TYPE.CKKS, self.degree, coeff_mod_bit_sizes=self.modulus)
        self.context.global_scale = 2**40
        self.context.generate_galois_keys()

    def prepare(self, rates):
        return rates

    def mean(self, total, readings):
        return total.sum() * (1 / readings)

    def public(self):
        public = self.context.copy()
        public.make_context_public()
        return public.serialize()


class Lean(Tutorial):
    """The smallest that still sums on the server: degree 4096; the client divides before it encrypts."""

    name, degree, modulus, slots = "TenSEAL lean", 4096, [54, 55], 2048

    def prepare(self, rates):
        return [rate / len(rates) for rate in rates]

    def mean(self, total, readings):
        return total.sum()


def median(runs, work):
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times), result


def chunks(values, slots):
    """Full vectors; the last filled with zeros up to a power of two, which its rotations want."""
    out = [values[i : i + slots] for i in range(0, len(values), slots)]
    size = 1 << (len(out[-1]) - 1).bit_length()
    if len(out) > 1:
        size = slots
    out[-1] = out[-1] + [0.0] * (size - len(out[-1]))
    return out


def measure(peer, readings):
    runs = 3 if readings > 10_000 else 9
    rates = [(400 + i * 37 % 1400) / 10 for i in range(readings)]
    keygen, _ = median(3, peer.keygen)
    public = peer.public()
    server = ts.context_from(public)

    def encrypt():
        return [ts.ckks_vector(peer.context, chunk).serialize() for chunk in chunks(peer.prepare(rates), peer.slots)]

    encrypt_ms, upload = median(runs, encrypt)

    def serve():
        vectors = [ts.ckks_vector_from(server, blob) for blob in upload]
        total = vectors[0]
        for vector in vectors[1:]:
            total = total + vector
        return peer.mean(total, readings).serialize()

    server_ms, answer = median(runs, serve)
    decrypt_ms, found = median(runs, lambda: ts.ckks_vector_from(peer.context, answer).decrypt()[0])
    print(
        json.dumps(
            {
                "peer": peer.name,
                "readings": readings,
                "keygen_ms": round(keygen, 4),
                "public_bytes": len(public),
                "encrypt_ms": round(encrypt_ms, 4),
                "upload_bytes": sum(map(len, upload)),
                "server_ms": round(server_ms, 4),
                "answer_bytes": len(answer),
                "decrypt_ms": round(decrypt_ms, 4),
                "error_bpm": abs(found - sum(rates) / readings),
            }
        ),
        flush=True,
    )


for peer in [Tutorial(), Lean()]:
    for readings in [7, 1_000, 1_000_000]:
        measure(peer, readings)
