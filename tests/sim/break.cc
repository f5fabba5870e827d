// The one export by which the breakable module differs from the product: it takes a guard away.
#include "core/guard.h"

extern "C" {

// `guard` is its place in sluice::Guard; none is taken away where there is no such place.
__attribute__((export_name("sluice_break"))) void sluice_break(int32_t guard) {
  const bool known = guard >= 0 && guard < static_cast<int32_t>(sluice::Guard::kCount);
  sluice::g_broken = known ? static_cast<sluice::Guard>(guard) : sluice::Guard::kCount;
}

}  // extern "C"
