#include "core/policy.h"

namespace sluice {

int transport_index(std::string_view name) {
  for (int i = 0; i < kTransportCount; ++i) {
    if (kTransports[i].name == name) return i;
  }
  return name.substr(0, kLinePrefix.size()) == kLinePrefix ? kPolledTransport : -1;
}

int64_t priority_from_name(std::string_view name) {
  if (name == "urgent") return kPriorityUrgent;
  if (name == "high") return kPriorityHigh;
  if (name == "normal") return kPriorityNormal;
  if (name == "low") return kPriorityLow;
  return 0;
}

bool backoff_kind(std::string_view name, BackoffKind& out) {
  for (const BackoffKind kind : {BackoffKind::exponential, BackoffKind::linear, BackoffKind::fixed}) {
    if (sluice::name(kind) != name) continue;
    out = kind;
    return true;
  }
  return false;
}

std::string_view name(BackoffKind kind) {
  switch (kind) {
    case BackoffKind::exponential:
      return "exponential";
    case BackoffKind::linear:
      return "linear";
    case BackoffKind::fixed:
      return "fixed";
  }
  return "";
}

}  // namespace sluice
