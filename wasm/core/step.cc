#include "core/step.h"

#include <algorithm>

namespace sluice {
namespace {

// Texts of D1's errors that a repetition can get past. "overloaded", "timeout" and "reset" ask for less
// load as well: the growing pause gives it.
constexpr std::string_view kTransient[] = {
    "Network connection lost",
    "storage caused object to be reset",
    "reset because its code was updated",
    "Cannot resolve D1 DB due to transient issue",
    "Replica disconnected from primary",
    "exceeded timeout which caused object to be reset",
    "D1 DB is overloaded",
    "Too many requests queued",
    "Internal error",
    "internal error",
    "D1 is unreachable",
    "database is locked",
    "SQLITE_BUSY",
    "disk I/O error",
    "database or disk is full",
};

}  // namespace

bool is_transient(std::string_view failure) {
  for (const std::string_view text : kTransient) {
    if (failure.find(text) != std::string_view::npos) return true;
  }
  return false;
}

bool try_again(const Input& input, Step& step, int64_t tries_max) {
  if (!is_transient(input.failure) || input.tries >= tries_max) return false;
  const int64_t doublings = std::min<int64_t>(input.tries - 1, 20);
  step.again_ms = std::min(limits::kStoreRetryBaseMs << doublings, limits::kStoreRetryMsMax);
  return true;
}

}  // namespace sluice
