//! The mean of heart rates with the `fhe` crate: BFV, N = 2048, a 54-bit modulus, plaintexts modulo 2^31,
//! one reading (in tenths of a bpm) a coefficient, seeded secret-key encryption. The server adds the
//! ciphertexts and multiplies once by 1 + X + … + X^2047, whose last coefficient is the sum.
//! Prints a line of JSON for each number of readings; times are medians in milliseconds.

use std::time::Instant;

use fhe::bfv::{BfvParametersBuilder, Ciphertext, Encoding, Plaintext, SecretKey};
use fhe_traits::{DeserializeParametrized, FheDecoder, FheDecrypter, FheEncoder, FheEncrypter, Serialize};

const N: usize = 2048;

fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() {
    let mut rng = rand::rng();
    let params = BfvParametersBuilder::new()
        .set_degree(N)
        .set_plaintext_modulus(1 << 31)
        .set_moduli_sizes(&[54])
        .build_arc()
        .unwrap();
    for readings in [7usize, 1_000, 1_000_000] {
        let runs = if readings > 10_000 { 5 } else { 21 };
        let tenths: Vec<u64> = (0..readings as u64).map(|i| 400 + i * 37 % 1_400).collect();
        let keygen = median(runs, || drop(SecretKey::random(&params, &mut rng)));
        let key = SecretKey::random(&params, &mut rng);
        let mut upload: Vec<Vec<u8>> = Vec::new();
        let encrypt = median(runs, || {
            upload = tenths
                .chunks(N)
                .map(|chunk| {
                    let plain = Plaintext::try_encode(chunk, Encoding::poly(), &params).unwrap();
                    let ciphertext: Ciphertext = key.try_encrypt(&plain, &mut rng).unwrap();
                    ciphertext.to_bytes()
                })
                .collect();
        });
        let ones = Plaintext::try_encode(&[1u64; N], Encoding::poly(), &params).unwrap();
        let mut answer = Vec::new();
        let server = median(runs, || {
            let mut sum: Option<Ciphertext> = None;
            for bytes in &upload {
                let ciphertext = Ciphertext::from_bytes(bytes, &params).unwrap();
                sum = Some(match sum {
                    None => ciphertext,
                    Some(sum) => &sum + &ciphertext,
                });
            }
            answer = (&sum.unwrap() * &ones).to_bytes();
        });
        let mut found = 0;
        let decrypt = median(runs, || {
            let ciphertext = Ciphertext::from_bytes(&answer, &params).unwrap();
            let plain = key.try_decrypt(&ciphertext).unwrap();
            found = Vec::<u64>::try_decode(&plain, Encoding::poly()).unwrap()[N - 1];
        });
        assert_eq!(found, tenths.iter().sum::<u64>() % (1 << 31), "the sum is exact");
        println!(
            r#"{{"peer": "fhe", "readings": {readings}, "keygen_ms": {keygen:.4}, "public_bytes": 0, "encrypt_ms": {encrypt:.4}, "upload_bytes": {}, "server_ms": {server:.4}, "answer_bytes": {}, "decrypt_ms": {decrypt:.4}, "error_bpm": 0}}"#,
            upload.iter().map(Vec::len).sum::<usize>(),
            answer.len(),
        );
    }
}
