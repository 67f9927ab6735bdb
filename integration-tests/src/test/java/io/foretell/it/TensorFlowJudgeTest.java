package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TensorFlow's own kernels read what we write, and we read what they write. */
@RunsTensorFlow
class TensorFlowJudgeTest {
    /** ParseTensor takes them, but neither Bitcast nor a class of TensorFlow Java gives their bits. */
    private static final Set<DType> CAST_ONLY =
            EnumSet.of(DType.FLOAT8_E5M2, DType.FLOAT8_E4M3FN, DType.INT4, DType.UINT4);

    /** TensorFlow registers SerializeTensor for neither these nor those above. */
    private static final Set<DType> QUANTIZED =
            EnumSet.of(DType.QINT8, DType.QINT16, DType.QINT32, DType.QUINT8, DType.QUINT16);

    private static TensorFlowKernels kernels;

    @BeforeAll
    static void openSession() {
        kernels = new TensorFlowKernels();
    }

    @AfterAll
    static void closeSession() {
        kernels.close();
    }

    @ParameterizedTest
    @EnumSource
    void parseTensor_ofWhatWeWrote_givesTheValues(DType dtype) {
        for (Tensor sample : SampleTensors.of(dtype)) {
            assertParsed(OurTensors.write(sample), sample);
        }
    }

    /** That the form which the next tests feed to us means to TensorFlow what they take it to mean. */
    @ParameterizedTest
    @EnumSource
    void parseTensor_ofTypedFields_givesTheValues(DType dtype) {
        for (Tensor sample : SampleTensors.of(dtype)) {
            assertParsed(UpstreamTensors.typed(sample).toByteArray(), sample);
            assertParsed(UpstreamTensors.unpacked(sample).toByteArray(), sample);
        }
    }

    @ParameterizedTest
    @EnumSource
    void decode_ofWhatSerializeTensorWrote_givesTheValues(DType dtype) throws InvalidProtocolBufferException {
        for (Tensor sample : SampleTensors.of(dtype)) {
            if (CAST_ONLY.contains(dtype) || QUANTIZED.contains(dtype)) {
                assertThatThrownBy(() -> kernels.serialize(sample))
                        .hasMessageContaining("Could not find device for node: {{node SerializeTensor}}");
            } else {
                assertThat(OurTensors.read(kernels.serialize(sample)))
                        .as(sample.toString())
                        .isEqualTo(sample);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FLOAT8_E5M2", "FLOAT8_E4M3FN", "INT4", "UINT4"})
    void decode_ofFewerValuesThanElements_fillsTheShapeAsTensorFlowDoes(DType dtype)
            throws InvalidProtocolBufferException {
        for (int values = 0; values < 6; values++) {
            byte[] proto = UpstreamTensors.filling(SampleTensors.of(dtype, Shape.of(values)), Shape.of(2, 3))
                    .toByteArray();
            Tensor judged = kernels.parse(proto, dtype);
            assertThat(judged.shape()).isEqualTo(Shape.of(2, 3));
            assertThat(OurTensors.read(proto)).isEqualTo(judged);
        }
    }

    private static void assertParsed(byte[] proto, Tensor sample) {
        if (CAST_ONLY.contains(sample.dtype())) {
            Tensor floats = kernels.parseAsFloats(proto, sample.dtype());
            assertThat(floats.shape()).isEqualTo(sample.shape());
            assertThat(floats.floats()).as(sample.toString()).isEqualTo(widened(sample));
        } else {
            assertThat(kernels.parse(proto, sample.dtype()))
                    .as(sample.toString())
                    .isEqualTo(sample);
        }
    }

    private static float[] widened(Tensor sample) {
        byte[] bits = sample.bytes();
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = switch (sample.dtype()) {
                case FLOAT8_E5M2 -> e5m2(bits[i]);
                case FLOAT8_E4M3FN -> e4m3(bits[i]);
                default -> bits[i];
            };
        }
        return values;
    }

    /** The upper half of a float16. */
    private static float e5m2(byte bits) {
        return Tensor.ofArray(DType.FLOAT16, new short[] {(short) (bits << 8)}, Shape.scalar())
                .floats()[0];
    }

    /** Of the patterns with all exponent bits set only one, and its negative, is no number. */
    private static float e4m3(byte bits) {
        int exponent = bits >> 3 & 15;
        int mantissa = bits & 7;
        float magnitude = exponent == 0 ? Math.scalb(mantissa, -9) : Math.scalb(8 + mantissa, exponent - 10);
        return (bits & 0x7f) == 0x7f ? Float.NaN : Math.copySign(magnitude, bits);
    }
}
