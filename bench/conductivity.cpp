// SPDX-License-Identifier: Apache-2.0
// Seconds of the effective conductivity of phase maps along their first axis between two fixed faces, on one
// core, maps held in memory: bench_conductivity FILE:PHASE…   PHASE conducts 1, the others nothing
// Prints key=value figures: of five rounds the middle one by the processor's time.
#include <fmt/core.h>

#include <filesystem>
#include <string>
#include <vector>

#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/homogenisation/effective_conductivity.hpp"
#include "timing.hpp"

using namespace tessera::microstructure;

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto colon = argument.rfind(':');
    const std::filesystem::path file = argument.substr(0, colon);
    const PhaseMap map = read_phase_map(file);
    std::vector<double> conductivity(kMostPhases);
    conductivity[std::stoul(argument.substr(colon + 1))] = 1;
    Conduction found;
    const double seconds = tessera::bench::median_seconds(
        5, [&] { found = effective_conductivity(map, conductivity, {.axis = map.first_axis()}); });
    fmt::print("set={}:{} seconds={:.4f} effective={:.7f} iterations={} residual={:.1e}\n",
               file.stem().string(), argument.substr(colon + 1), seconds, found.effective, found.iterations,
               found.residual);
  }
}
