package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of a named module, which is compiled and loaded here. */
class RecordAccessTest {
    @TempDir
    private Path folder;

    @Test
    void aRecordOfAClosedPackage_isRefusedWhenBuilding() throws Exception {
        Class<? extends Record> closed = recordIn("module app {}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorCodecs.records(closed, closed))
                .withMessageStartingWith("app.Score cannot be read and made: open package app of its module to ");
    }

    @Test
    void aRecordOfAnOpenPackage_works() throws Exception {
        Class<? extends Record> open = recordIn("module app { opens app; }");
        Payload answer = new Payload.Tensors(Map.of("score", Tensor.of(new float[] {0.5f})));

        assertThat(TensorCodecs.records(open, open).decode(answer, 1).get(0).value())
                .hasToString("Score[score=0.5]");
    }

    private Class<? extends Record> recordIn(String module) throws IOException, ClassNotFoundException {
        Path source = Files.writeString(folder.resolve("module-info.java"), module);
        Path type = Files.writeString(folder.resolve("Score.java"), "package app; record Score(float score) {}");
        Path classes = folder.resolve("classes");
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), source.toString(), type.toString());
        assertThat(result).isZero();

        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration =
                boot.configuration().resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of("app"));
        return boot.defineModulesWithOneLoader(configuration, getClass().getClassLoader())
                .findLoader("app")
                .loadClass("app.Score")
                .asSubclass(Record.class);
    }
}
