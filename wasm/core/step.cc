#include "core/step.h"

#include <algorithm>

#include "core/writer.h"

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

int64_t pause_ms(int64_t tries) {
  const int64_t doublings = std::min<int64_t>(tries - 1, 20);
  return std::min(limits::kStoreRetryBaseMs << doublings, limits::kStoreRetryMsMax);
}

}  // namespace

uint32_t Step::text(std::string text) {
  texts.push_back(std::move(text));
  return static_cast<uint32_t>(texts.size() - 1);
}

void Step::add(Sql sql, std::initializer_list<uint32_t> params, bool for_host) {
  plan.push_back({sql, params, for_host});
}

uint32_t bind_id(std::string_view id, Step& step) {
  std::string text;
  json::Writer(text).begin_array().begin_array().string(id).end_array().end_array();
  return step.text(std::move(text));
}

bool is_transient(std::string_view failure) {
  for (const std::string_view text : kTransient) {
    if (failure.find(text) != std::string_view::npos) return true;
  }
  return false;
}

bool try_again(const Input& input, Step& step, int64_t tries_max) {
  if (!is_transient(input.failure) || input.tries >= tries_max) return false;
  step.again_ms = pause_ms(input.tries);
  return true;
}

bool try_until(const Input& input, Step& step, int64_t deadline) {
  const int64_t pause = pause_ms(input.tries);
  if (!is_transient(input.failure) || input.now + input.elapsed_ms + pause >= deadline) return false;
  step.again_ms = pause;
  return true;
}

}  // namespace sluice
