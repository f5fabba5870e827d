// Locks: a handler makes sure that nobody else does what it is about to do.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {key, ttlMs, id, fence}: the job that wants the lock, and the fencing token of its lease. One
// round trip; two where the job lives on another shard than locks do, and then a lease that is lost between
// them may leave a lock that only time takes back. Reply: 200 {value}, a text that only this taking has, or
// null where another has the lock or the lease is gone; 422 for a key (1 to kLockKeyBytesMax bytes) or a time
// (1 to kLockTtlMsMax ms) out of bounds; 503 when D1 cannot be reached.
//
// The lock is its owner's until `ttlMs` after `now`, by the owner's own clock: another takes it over only
// when that time is over by every clock. Nothing renews it, and it outlives the job's lease.
[[nodiscard]] Step take_lock(const Input& input);

// Control: {key, value}. Gives the lock back where `value` is what take_lock answered last for it, else does
// nothing. Reply: 200 {}, or 503.
[[nodiscard]] Step release_lock(const Input& input);

}  // namespace sluice
