package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A change of what users can see is a change of a file in {@code docs/api}: seen in review, never by accident. */
class PublicApiTest {
    private static final String ACCEPT = "./mvnw verify -Dapi.update=true";

    @ParameterizedTest
    @EnumSource
    void publicApi_isTheAcceptedOne(Module module) throws IOException {
        Path file = Module.ROOT.resolve("docs/api").resolve(module.artifact() + ".api");
        List<String> found = PublicApi.of(module);
        if (Boolean.getBoolean("api.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, found.isEmpty() ? "" : String.join("\n", found) + "\n");
        }

        List<String> accepted = Files.exists(file) ? Files.readAllLines(file) : List.of();
        assertThat(found)
                .withFailMessage(() ->
                        "The public API of %s is not what %s says:%n%s%nTo accept it: %s, and commit the file."
                                .formatted(
                                        module.artifact(),
                                        Module.ROOT.relativize(file),
                                        String.join("\n", PublicApi.difference(accepted, found)),
                                        ACCEPT))
                .isEqualTo(accepted);
    }
}
