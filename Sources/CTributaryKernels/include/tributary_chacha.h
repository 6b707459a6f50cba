#ifndef TRIBUTARY_CHACHA_H
#define TRIBUTARY_CHACHA_H

#include <stdint.h>

/// Blocks that one call of `tributary_chacha` makes, and the 64-bit numbers they come to.
enum { TRIBUTARY_CHACHA_BLOCKS = 8, TRIBUTARY_CHACHA_NUMBERS = 64 };

/// Writes the key stream of ChaCha20 (RFC 8439) in the blocks counter ... counter + 7, as little-endian 64-bit numbers:
/// the first number of every block, then the second of every block, and so on. The counter must not overflow.
void tributary_chacha(uint64_t *numbers, const uint32_t *key, const uint32_t *nonce, uint32_t counter);

#endif
