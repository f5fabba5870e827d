// Job ids: UUIDv7 (RFC 9562, section 5.7). Ids sort by creation time, so the primary key is append-only
// and a range of ids is a range of time.
//
// Layout: 48 bits of Unix milliseconds, version 7, 12 bits of the job's place in its request (so a batch
// keeps its order within one millisecond), variant, 2 random bits, 8 bits of shard, 52 random bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/entropy.h"

namespace sluice {

// A fresh id. `place` counts up within one request (its low 12 bits are used), `shard` is 0 to 255.
[[nodiscard]] std::string make_id(int64_t now_ms, unsigned place, unsigned shard, Entropy& entropy);

// The shard that a job's id carries; `id` is one (is_id).
[[nodiscard]] unsigned shard_of(std::string_view id);
// Lets an id carry `shard`, 0 to 255, instead of the one that it has.
void set_shard(std::string& id, unsigned shard);

// The smallest id of the millisecond `at_ms`: ids made before it compare less.
[[nodiscard]] std::string id_floor(int64_t at_ms);

// Whether `text` is a lower-case UUID of version 7.
[[nodiscard]] bool is_id(std::string_view text);

// A step's nonce (`op`): 64 random bits in hexadecimal.
[[nodiscard]] std::string make_nonce(Entropy& entropy);

}  // namespace sluice
