// The views' flows by number.
#include "abi/flow_door.h"
#include "abi/sluice_abi.h"
#include "views/compat.h"
#include "views/query.h"

namespace sluice::abi {

Flow views_flow(int32_t op) {
  switch (op) {
    case SLUICE_OP_QUERY:
      return query;
    case SLUICE_OP_COMPAT_STATS:
      return compat_stats;
    case SLUICE_OP_COMPAT_LETTERS:
      return compat_letters;
    default:
      return nullptr;
  }
}

}  // namespace sluice::abi
