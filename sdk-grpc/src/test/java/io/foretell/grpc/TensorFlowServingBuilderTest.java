package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.transport.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFlowServingBuilderTest {
    private static TensorFlowServing.Builder builder() {
        return TensorFlowServing.to("localhost:8500").model("iris").allowPlaintext();
    }

    @Test
    void defaults_are64MiBAndTensorsOnly() {
        try (TensorFlowServing transport = builder().build()) {
            assertThat(transport.maxRequestBytes()).isEqualTo(64 << 20);
            assertThat(transport.maxResponseBytes()).isEqualTo(64 << 20);
            assertThat(transport.protocol()).isEqualTo("tensorflow-serving");
            assertThat(transport.endpoint()).isEqualTo("localhost:8500");
            assertThat(transport.model()).isEqualTo("iris");
        }
    }

    @Test
    void missingModel_isRefused() {
        refused(TensorFlowServing.to("localhost:8500"), "model is missing");
    }

    @Test
    void versionAndLabel_excludeEachOther() {
        refused(builder().version(1).versionLabel("canary"), "exclude each other");
    }

    @Test
    void negativeVersion_isRefused() {
        refused(builder().version(-1), "version < 0: -1");
    }

    @Test
    void sizes_outOfRange_areRefused() {
        refused(builder().maxRequestBytes(0), "maxRequestBytes");
        refused(builder().maxRequestBytes(1L << 31), "2147483648");
        refused(builder().maxResponseBytes(0), "maxResponseBytes < 1: 0");
    }

    @Test
    void plaintextWithCertificates_isRefused() {
        refused(builder().trustCertificates(new ByteArrayInputStream(new byte[1])), "exclude each other");
    }

    @Test
    void channelWithPlaintext_isRefused() {
        ManagedChannel channel = ManagedChannelBuilder.forTarget("localhost:1").build();
        refused(builder().channel(channel), "its own security");
        channel.shutdownNow();
    }

    @Test
    void unreadableCertificates_areRefused() {
        assertThatThrownBy(() -> builder().trustCertificates(Path.of("no-such-file.pem")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no-such-file.pem");
        refused(
                TensorFlowServing.to("localhost:8500")
                        .model("iris")
                        .trustCertificates(new ByteArrayInputStream(new byte[] {1, 2, 3})),
                "PEM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "a\r\nb", "a\u0000", "a\u007f", "a\u2028b", "a\u202eb", "a\ud800"})
    void unprintableNames_areRefusedEverywhere(String name) {
        refused(TensorFlowServing.to("localhost:8500").model(name), "model");
        refused(builder().signature(name), "signature");
        refused(builder().versionLabel(name), "version label");
        refused(TensorFlowServing.to(name).model("iris"), "target");
        assertThatThrownBy(() -> Attributes.empty().with(TensorFlowServing.MODEL, name))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Attributes.empty().with(TensorFlowServing.SIGNATURE, name))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Attributes.empty().with(TensorFlowServing.VERSION_LABEL, name))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"hôst:8500, h\\u00f4st:8500", "х:8500, \\u0445:8500", "dns:///模:8500, dns:///\\u6a21:8500"})
    void targetInAnotherScript_isRefusedByItsEscapedName(String target, String escaped) {
        refused(TensorFlowServing.to(target).model("iris"), "target not ASCII");
        refused(TensorFlowServing.to(target).model("iris"), escaped);
    }

    @Test
    void namesInAnyScript_areWelcome() {
        try (TensorFlowServing transport = builder().model("модель 模型 🚀").build()) {
            assertThat(transport.model()).isEqualTo("модель 模型 🚀");
        }
    }

    private static void refused(TensorFlowServing.Builder builder, String reason) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
