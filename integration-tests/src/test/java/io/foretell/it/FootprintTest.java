package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application takes on with one of our modules: the third-party jars of its runtime class path. */
class FootprintTest {
    private static final double MIB = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({"CORE, 6, 0.5", "GRPC, 21, 20", "HTTP, 47, 12"})
    void thirdPartyJars_stayWithinBudget(Module module, int maxJars, double maxMib) throws IOException {
        List<Path> jars = thirdPartyJars(module);
        long bytes = 0;
        for (Path jar : jars) {
            bytes += Files.size(jar);
        }

        double mib = bytes / MIB;
        System.out.printf(
                Locale.ROOT,
                "footprint %s: %d of %d jars, %.2f of %.1f MiB%n",
                module.artifact(),
                jars.size(),
                maxJars,
                mib,
                maxMib);
        assertThat(jars).hasSizeBetween(1, maxJars);
        assertThat(mib).isLessThanOrEqualTo(maxMib);
    }

    private static List<Path> thirdPartyJars(Module module) throws IOException {
        Path list = module.target().resolve("footprint.txt");
        assertThat(list)
                .as("written in phase package: run ./mvnw verify from the root")
                .exists();
        try (Stream<String> entries = Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(Files.readString(list).strip())) {
            return entries.filter(entry -> !entry.isEmpty())
                    .map(Path::of)
                    .filter(path -> !path.startsWith(Module.ROOT))
                    .filter(path -> !path.getFileName().toString().startsWith("foretell-"))
                    .toList();
        }
    }
}
