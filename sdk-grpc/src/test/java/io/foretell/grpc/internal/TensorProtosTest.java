package io.foretell.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.proto.DataType;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TensorProtosTest {
    private static final long LIMIT = 1 << 20;

    /** Ranks 0 to 6, and empty ones. */
    private static final List<long[]> SHAPES = List.of(
            new long[] {},
            new long[] {3},
            new long[] {2, 3},
            new long[] {2, 1, 3},
            new long[] {2, 1, 3, 2},
            new long[] {1, 2, 1, 2, 2},
            new long[] {2, 1, 2, 1, 2, 1},
            new long[] {0},
            new long[] {4, 0, 2});

    static Stream<Arguments> everyDTypeAndShape() {
        return Arrays.stream(DType.values()).flatMap(dtype -> SHAPES.stream().map(shape -> Arguments.of(dtype, shape)));
    }

    @ParameterizedTest
    @MethodSource("everyDTypeAndShape")
    void content_writtenAndRead_isTheSameTensor(DType dtype, long[] shape) throws Exception {
        Tensor tensor = Samples.tensor(dtype, shape);

        TensorProto sent = TensorProto.parseFrom(TensorProtos.toProto(tensor).toByteArray());

        assertThat(sent.getDtype()).isEqualTo(DataTypes.toWire(dtype));
        assertThat(read(sent)).isEqualTo(tensor);
    }

    @ParameterizedTest
    @MethodSource("everyDTypeAndShape")
    void typedFields_read_areTheSameTensor(DType dtype, long[] shape) throws Exception {
        Tensor tensor = Samples.tensor(dtype, shape);

        TensorProto received = TensorProto.parseFrom(Samples.typed(tensor).toByteArray());

        assertThat(read(received)).isEqualTo(tensor);
    }

    @ParameterizedTest
    @EnumSource
    void typedFields_ofOneElement_fillTheShape(DType dtype) {
        TensorProto one = Samples.typed(Samples.tensor(dtype, 1));

        Tensor filled = read(one.toBuilder()
                .setTensorShape(Samples.proto(dtype, 2, 3).getTensorShape())
                .build());

        Tensor row = Samples.tensor(dtype, 1);
        Tensor column = Tensor.concat(List.of(row, row, row, row, row, row));
        assertThat(filled).isEqualTo(column.reshape(2, 3));
    }

    @ParameterizedTest
    @EnumSource
    void typedFields_ofFewerElements_repeatTheLast(DType dtype) {
        TensorProto three = Samples.typed(Samples.tensor(dtype, 3));

        Tensor filled = read(three.toBuilder()
                .setTensorShape(Samples.proto(dtype, 8).getTensorShape())
                .build());

        Tensor given = Samples.tensor(dtype, 3);
        Tensor last = given.slice(2, 3);
        assertThat(filled).isEqualTo(Tensor.concat(List.of(given, last, last, last, last, last)));
    }

    @ParameterizedTest
    @EnumSource
    void noValues_read_areZeros(DType dtype) {
        Tensor zeros = read(Samples.proto(dtype, 2, 2).build());

        if (dtype == DType.STRING) {
            assertThat(zeros.strings()).containsOnly("").hasSize(4);
        } else {
            byte[] bytes = TensorProtos.toProto(zeros).getTensorContent().toByteArray();
            assertThat(bytes).containsOnly(0).hasSize(4 * dtype.byteSize());
        }
    }

    @ParameterizedTest
    @EnumSource
    void referenceType_read_isItsBaseType(DType dtype) {
        int reference = DataTypes.toWire(dtype).getNumber() + 100;

        Tensor tensor = read(Samples.typed(Samples.tensor(dtype, 2)).toBuilder()
                .setDtypeValue(reference)
                .build());

        assertThat(tensor).isEqualTo(Samples.tensor(dtype, 2));
    }

    @Test
    void content_isLittleEndian() {
        TensorProto proto = TensorProtos.toProto(Tensor.of(new int[] {0x01020304}));

        assertThat(proto.getTensorContent().toByteArray()).containsExactly(4, 3, 2, 1);
    }

    @Test
    void content_ofASlice_holdsTheSliceOnly() {
        Tensor slice = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2).slice(1, 2);

        assertThat(TensorProtos.toProto(slice).getTensorContent().size()).isEqualTo(8);
        assertThat(read(TensorProtos.toProto(slice)).floats()).containsExactly(3, 4);
    }

    @Test
    void stringsInContent_areRead() {
        byte[] longText = "x".repeat(300).getBytes(StandardCharsets.UTF_8);
        ByteString content = bytes(2, 0, 0xac, 0x02) // 2, 0 and 300 as varints
                .concat(bytes(0, 0xff))
                .concat(ByteString.copyFrom(longText));

        Tensor strings =
                read(Samples.proto(DType.STRING, 3).setTensorContent(content).build());

        assertThat(strings.byteStrings()).isDeepEqualTo(new byte[][] {{0, -1}, {}, longText});
    }

    @Test
    void unsignedBytes_writtenWithEitherSign_areTheSameBits() {
        TensorProto proto =
                Samples.proto(DType.UINT8, 2).addIntVal(200).addIntVal(-56).build();

        assertThat(read(proto).bytes()).containsExactly((byte) 200, (byte) 200);
    }

    @Test
    void tensors_together_stayWithinTheLimit() {
        TensorProto proto = Samples.proto(DType.UINT8, 60).addIntVal(1).build();

        assertThat(TensorProtos.toTensors(Map.of("a", proto), 100)).containsOnlyKeys("a");
        assertThatThrownBy(() -> TensorProtos.toTensors(Map.of("a", proto, "b", proto), 100))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        e -> assertThat(e.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                malformed("negative dimension", Samples.proto(DType.FLOAT32, 2, -1), "dimension 1 < 0"),
                malformed(
                        "overflowing shape",
                        Samples.proto(DType.FLOAT32, 1L << 40, 1L << 40).addFloatVal(1),
                        "element count exceeds"),
                malformed(
                        "unknown rank",
                        TensorProto.newBuilder(Samples.proto(DType.FLOAT32).build())
                                .setTensorShape(Samples.proto(DType.FLOAT32)
                                        .getTensorShapeBuilder()
                                        .setUnknownRank(true)),
                        "unknown rank"),
                malformed("rank 255", Samples.proto(DType.FLOAT32, new long[255]), "rank 255"),
                malformed("no dtype", TensorProto.newBuilder(), "not a type whose values can travel"),
                malformed("resource", TensorProto.newBuilder().setDtype(DataType.DT_RESOURCE), "dtype 20"),
                malformed("unknown dtype", TensorProto.newBuilder().setDtypeValue(99), "dtype 99"),
                malformed(
                        "content too short",
                        Samples.proto(DType.FLOAT32, 2).setTensorContent(bytes(1, 2, 3, 4)),
                        "4 bytes of content, but the shape needs 8"),
                malformed(
                        "content too long",
                        Samples.proto(DType.UINT8, 2).setTensorContent(bytes(1, 2, 3)),
                        "3 bytes of content"),
                malformed(
                        "content for an empty tensor",
                        Samples.proto(DType.UINT8, 0).setTensorContent(bytes(1)),
                        "1 bytes of content"),
                malformed(
                        "too many values",
                        Samples.proto(DType.FLOAT32, 1).addFloatVal(1).addFloatVal(2),
                        "2 values, but the shape has room for 1"),
                malformed(
                        "half a complex number",
                        Samples.proto(DType.COMPLEX64, 2).addScomplexVal(1),
                        "do not make pairs"),
                malformed(
                        "values of another dtype",
                        Samples.proto(DType.FLOAT32, 1).addDoubleVal(1),
                        "values in double_val"),
                malformed("byte out of range", Samples.proto(DType.UINT8, 1).addIntVal(256), "does not fit 8 bits"),
                malformed(
                        "short out of range", Samples.proto(DType.INT16, 1).addIntVal(-32769), "does not fit 16 bits"),
                malformed(
                        "more strings than bytes",
                        Samples.proto(DType.STRING, 1000).setTensorContent(bytes(0)),
                        "cannot hold 1000 strings"),
                malformed(
                        "string longer than the content",
                        Samples.proto(DType.STRING, 1).setTensorContent(bytes(5, 'a')),
                        "strings of 5 bytes"),
                malformed(
                        "string of 4 GiB",
                        Samples.proto(DType.STRING, 1).setTensorContent(bytes(0xff, 0xff, 0xff, 0xff, 0x0f)),
                        "strings of 4294967295 bytes"),
                malformed(
                        "bytes after the last string",
                        Samples.proto(DType.STRING, 1).setTensorContent(bytes(1, 'a', 'b')),
                        "strings of 1 bytes"),
                malformed(
                        "length cut off",
                        Samples.proto(DType.STRING, 1).setTensorContent(bytes(0x80)),
                        "lengths cannot be read"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformed_isRefusedByName(String name, TensorProto proto, String reason) {
        assertThatThrownBy(() -> TensorProtos.toTensor("scores", proto, LIMIT))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.category()).isEqualTo(ErrorCategory.PROTOCOL))
                .hasMessageContaining("tensor \"scores\"")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @EnumSource
    void oneValueForAHugeShape_isRefusedBeforeAllocating(DType dtype) {
        TensorProto proto = Samples.typed(Samples.tensor(dtype, 1)).toBuilder()
                .setTensorShape(Samples.proto(dtype, Long.MAX_VALUE).getTensorShape())
                .build();

        assertThatThrownBy(() -> TensorProtos.toTensor("scores", proto, LIMIT))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        e -> assertThat(e.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE))
                .hasMessageContaining("tensor \"scores\" " + dtype + " [" + Long.MAX_VALUE + "]")
                .hasMessageContaining(LIMIT + " bytes");
    }

    private static Arguments malformed(String name, TensorProto.Builder proto, String reason) {
        return Arguments.of(name, proto.build(), reason);
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }

    private static Tensor read(TensorProto proto) {
        return TensorProtos.toTensor("scores", proto, LIMIT);
    }
}
