package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.http.internal.TfServingJson;
import io.foretell.http.internal.TfServingJson.Form;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TfServingJsonFormatTest {
    private static final TfServingJsonFormat COLUMNS = TensorFormats.tfServingJson();
    private static final int RANDOM_VALUES = 20_000;

    @Test
    void write_columns_namesEachTensor() {
        String json = written(COLUMNS, "ids", Tensor.of(new long[] {1, 2, 3, 4}, 2, 2));

        assertThat(json).isEqualTo("{\"inputs\":{\"ids\":[[1,2],[3,4]]}}");
    }

    @Test
    void write_rows_makesOneEntryOfEach() {
        Payload.Tensors tensors =
                new Payload.Tensors(Map.of("x", Tensor.of(new float[] {1, 2.5f, -0.0f, Float.NaN}, 2, 2)));

        assertThat(text(COLUMNS.rows().signature("score").write(tensors)))
                .isEqualTo("{\"signature_name\":\"score\",\"instances\":[{\"x\":[1.0,2.5]},{\"x\":[-0.0,NaN]}]}");
    }

    @Test
    void write_rowsOfDifferentCount_namesTensor() {
        Payload.Tensors tensors = new Payload.Tensors(
                new java.util.TreeMap<>(Map.of("a", Tensor.of(new int[] {1, 2}), "b", Tensor.of(new int[] {1, 2, 3}))));

        InferenceException fault = catchThrowableOfType(
                InferenceException.class, () -> COLUMNS.rows().write(tensors));

        assertThat(fault).hasMessageContaining("tensor b INT32 [3]").hasMessageContaining("2 rows");
    }

    @Test
    void write_unsigned_writesItsValue() {
        assertThat(written(COLUMNS, "u", Tensor.of(new byte[] {-1, 1}))).contains("[255,1]");
        assertThat(written(COLUMNS, "u", tensor(DType.INT8, new byte[] {-1, 1})))
                .contains("[-1,1]");
        assertThat(written(COLUMNS, "u", tensor(DType.UINT16, new short[] {-1})))
                .contains("[65535]");
        assertThat(written(COLUMNS, "u", tensor(DType.UINT32, new int[] {-1}))).contains("[4294967295]");
        assertThat(written(COLUMNS, "u", tensor(DType.UINT64, new long[] {-1}))).contains("[18446744073709551615]");
    }

    @Test
    void write_strings_usesBase64WhereTextWillNotDo() {
        assertThat(written(COLUMNS, "s", Tensor.of(new String[] {"é\n"}))).isEqualTo("{\"inputs\":{\"s\":[\"é\\n\"]}}");
        assertThat(written(COLUMNS, "s", Tensor.of(new byte[][] {{(byte) 0xff, 0}})))
                .isEqualTo("{\"inputs\":{\"s\":[{\"b64\":\"/wA=\"}]}}");
        assertThat(written(COLUMNS, "image_bytes", Tensor.of(new String[] {"a"})))
                .isEqualTo("{\"inputs\":{\"image_bytes\":[{\"b64\":\"YQ==\"}]}}");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "COMPLEX64", "QINT8"})
    void write_dtypeWithoutJsonForm_isRefusedBeforeSending(DType dtype) {
        Tensor tensor = Tensor.ofBuffer(dtype, ByteBuffer.allocate(dtype.byteSize()), Shape.of(1));

        InferenceException fault =
                catchThrowableOfType(InferenceException.class, () -> written(COLUMNS, "half", tensor));

        assertThat(fault).hasMessageContaining("tensor half " + dtype).hasMessageContaining("gRPC");
        assertThat(fault.category()).isEqualTo(ErrorCategory.CODEC);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThatIllegalArgumentException().isThrownBy(() -> COLUMNS.output("half", dtype));
    }

    @Test
    void roundTrip_randomFloatBits_keepsThem() {
        int[] bits = new Random(1).ints(RANDOM_VALUES).toArray();
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = Float.intBitsToFloat(bits[i]);
        }
        assertThat(throughJson(DType.FLOAT32, Tensor.of(values)).floats()).isEqualTo(values);
    }

    @Test
    void roundTrip_randomDoubleBits_keepsThem() {
        long[] bits = new Random(2).longs(RANDOM_VALUES).toArray();
        double[] values = new double[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = Double.longBitsToDouble(bits[i]);
        }
        assertThat(throughJson(DType.FLOAT64, Tensor.of(values)).doubles()).isEqualTo(values);
    }

    @Test
    void roundTrip_specialFloats_keepsThem() {
        Tensor special = Tensor.of(new float[] {
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, Float.MAX_VALUE, -0f
        });
        assertThat(throughJson(DType.FLOAT32, special)).isEqualTo(special);
    }

    @ParameterizedTest
    @EnumSource(names = {"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})
    void roundTrip_integers_keepsTheirBits(DType dtype) {
        byte[] bits = new byte[512 * dtype.byteSize()];
        new Random(3).nextBytes(bits);
        Tensor tensor = Tensor.ofBuffer(dtype, ByteBuffer.wrap(bits), Shape.of(2, 16, 16));

        assertThat(throughJson(dtype, tensor)).isEqualTo(tensor);
    }

    @Test
    void roundTrip_boolAndStrings_keepsThem() {
        Tensor flags = Tensor.of(new boolean[] {true, false, true}, 3, 1);
        Tensor texts = Tensor.of(new byte[][] {{}, {0}, "text".getBytes(StandardCharsets.UTF_8), {(byte) 0xc0}}, 2, 2);

        assertThat(throughJson(DType.BOOL, flags)).isEqualTo(flags);
        assertThat(throughJson(DType.STRING, texts)).isEqualTo(texts);
    }

    @Test
    void roundTrip_scalarAndEmpty_keepShapes() {
        Tensor scalar = Tensor.of(new int[] {7}).reshape(new long[0]);

        assertThat(throughJson(DType.INT32, scalar)).isEqualTo(scalar);
        assertThat(read(COLUMNS, "{\"outputs\":{\"y\":7}}", "y").shape()).isEqualTo(Shape.scalar());
        assertThat(read(COLUMNS, "{\"outputs\":{\"y\":[[],[]]}}", "y")).isEqualTo(Tensor.of(new float[0], 2, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1, 2]                | INT64",
                "[1, 2.0]              | FLOAT32",
                "[1e2]                 | FLOAT32",
                "[1, NaN]              | FLOAT32",
                "[-Infinity]           | FLOAT32",
                "[true]                | BOOL",
                "[\"a\"]               | STRING",
                "[{\"b64\": \"YQ==\"}] | STRING"
            })
    void read_undeclared_takesSuggestedDtype(String value, DType dtype) {
        assertThat(read(COLUMNS, "{\"outputs\": {\"y\": " + value + "}}", "y").dtype())
                .isEqualTo(dtype);
    }

    @Test
    void read_unnamedOutput_getsTheDeclaredNameOrTheFirst() {
        assertThat(read(COLUMNS, "{\"outputs\": [[1.0]]}", TfServingJson.UNNAMED)
                        .shape())
                .isEqualTo(Shape.of(1, 1));
        assertThat(read(COLUMNS.output("vector", DType.FLOAT64), "{\"predictions\": [[1]]}", "vector"))
                .isEqualTo(Tensor.of(new double[] {1}, 1, 1));
        assertThat(read(COLUMNS, "{\"predictions\": [{\"b64\": \"YQ==\"}, \"b\"]}", TfServingJson.UNNAMED))
                .isEqualTo(Tensor.of(new String[] {"a", "b"}));
    }

    @Test
    void read_predictionsByName_stacksTheRows() {
        Payload.Tensors answer = COLUMNS.read(json("{\"predictions\": [{\"a\": [1, 2], \"b\": 0.5},"
                + " {\"b\": 1.5, \"a\": [3, 4]}], \"more\": {\"x\": []}}"));

        assertThat(answer.tensors())
                .containsEntry("a", Tensor.of(new long[] {1, 2, 3, 4}, 2, 2))
                .containsEntry("b", Tensor.of(new float[] {0.5f, 1.5f}));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[1], [1, 2]]",
                "[[1], 2]",
                "[1, [2]]",
                "[[], [1]]",
                "[[[]], []]",
                "[1, null]",
                "[1, \"a\"]",
                "[true, 1]",
                "[{\"a\": 1}]",
                "[{\"b64\": 1}]",
                "[{\"b64\": \"!\"}]",
                "[{\"b64\": \"YQ==\", \"c\": 1}]",
                "[9223372036854775808]",
                "[1.5, 1e39]"
            })
    void read_valueThatIsNoTensor_namesTheTensor(String value) {
        assertThat(failure(COLUMNS, "{\"outputs\": {\"scores\": " + value + "}}"))
                .hasMessageContaining("tensor scores")
                .returns(ErrorCategory.CODEC, InferenceException::category);
    }

    @ParameterizedTest
    @CsvSource({"INT8, 128", "UINT8, -1", "UINT16, 65536", "INT32, 2147483648", "UINT64, 18446744073709551616"})
    void read_numberOutOfRange_fails(DType dtype, String number) {
        assertThat(failure(COLUMNS.output("y", dtype), "{\"outputs\": {\"y\": [" + number + "]}}"))
                .hasMessage("tensor y holds a number out of range where its dtype is " + dtype);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"outputs\": [1",
                "{\"outputs\": [1,]}",
                "{\"outputs\": {\"y\": 1, \"y\": 2}}",
                "{\"outputs\": secret}",
                "{\"outputs\": [1]} x"
            })
    void read_malformed_failsAsProtocolAndQuotesNothing(String text) {
        InferenceException fault = failure(COLUMNS, text);

        assertThat(fault.category()).isIn(ErrorCategory.PROTOCOL, ErrorCategory.CODEC);
        assertThat(fault).hasMessageNotContaining("secret").hasNoCause();
    }

    @Test
    void read_missingColumn_namesTensor() {
        assertThat(failure(COLUMNS, "{\"predictions\": [{\"a\": 1}, {\"a\": 2, \"b\": 3}]}"))
                .hasMessage("tensor b is in 1 of 2 rows");
    }

    @Test
    void read_otherDocument_saysWhatIsMissing() {
        assertThat(failure(COLUMNS, "[]")).hasMessageContaining("not a JSON object");
        assertThat(failure(COLUMNS, "{\"error\": \"no\"}"))
                .hasMessage("the document has neither \"outputs\" nor \"predictions\"");
        assertThat(failure(COLUMNS, "{\"outputs\": 1, \"predictions\": [1]}")).hasMessageContaining("both");
    }

    @Test
    void read_beyondLimits_failsWithTheLimit() {
        assertThat(failure(COLUMNS, "{\"outputs\": " + "[".repeat(100_000))).hasMessageContaining("64");
        assertThat(failure(COLUMNS, "{\"outputs\": " + "9".repeat(101) + "}")).hasMessageContaining("100");
        assertThat(failure(COLUMNS, "{\"outputs\": " + "9".repeat(10_000_000) + "}"))
                .hasMessageContaining("exceeds a limit");
        assertThat(failure(COLUMNS, "{\"outputs\": \"" + "a".repeat((1 << 20) + 1) + "\"}"))
                .hasMessageContaining("1048576");
    }

    static Stream<String> denseDocuments() {
        return Stream.of(
                "[" + "0,".repeat(10_000) + "0]",
                "[" + "\"\",".repeat(10_000) + "\"\"]",
                IntStream.range(0, 10_000)
                        .mapToObj(i -> "\"t" + i + "\":0")
                        .collect(Collectors.joining(",", "{", "}")));
    }

    @ParameterizedTest
    @MethodSource("denseDocuments")
    void read_tensorsFarLargerThanTheDocument_areRefused(String outputs) {
        ByteBuffer document = json("{\"outputs\": " + outputs + "}").content();
        int length = document.remaining();
        TfServingJson json = new TfServingJson(100, 1000);

        InferenceException fault = catchThrowableOfType(
                InferenceException.class,
                () -> json.read(document, Form.OUTPUTS, Form.PREDICTIONS, Map.of(), TfServingJson.UNNAMED));

        assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
        assertThat(fault).hasMessage("the document's tensors take more than " + 2 * length + " bytes");
    }

    @Test
    void read_denseDocumentWithinTheFreeMemory_isRead() {
        assertThat(read(COLUMNS, "{\"outputs\": [" + "0,".repeat(100_000) + "0]}", "output_0")
                        .shape())
                .isEqualTo(Shape.of(100_001));
    }

    @Test
    void sandboxSide_readsRequestsAndWritesAnswers() {
        TfServingJson json = new TfServingJson(1 << 20, 1 << 20);
        Map<String, DType> dtypes = Map.of("x", DType.INT32);

        TfServingJson.Document request = json.read(
                COLUMNS.rows()
                        .signature("s")
                        .write(new Payload.Tensors(Map.of("x", Tensor.of(new int[] {1, 2}))))
                        .content(),
                Form.INPUTS,
                Form.INSTANCES,
                dtypes,
                "x");

        assertThat(request.tensors()).containsEntry("x", Tensor.of(new int[] {1, 2}));
        assertThat(request.form()).isEqualTo(Form.INSTANCES);
        assertThat(request.signatureName()).isEqualTo("s");
        assertThat(text(new Payload.Bytes("", json.write(Form.PREDICTIONS, request.tensors(), null, true))))
                .isEqualTo("{\"predictions\":[1,2]}");
    }

    private static Tensor throughJson(DType dtype, Tensor tensor) {
        TfServingJson json = new TfServingJson(1 << 20, 1 << 26);
        ByteBuffer body = json.write(Form.OUTPUTS, Map.of("y", tensor), null, false);
        Payload.Tensors read = COLUMNS.output("y", dtype).read(new Payload.Bytes("application/json", body));
        return java.util.Objects.requireNonNull(read.tensors().get("y"));
    }

    private static Tensor read(TensorFormat format, String text, String name) {
        return java.util.Objects.requireNonNull(
                format.read(json(text)).tensors().get(name));
    }

    private static InferenceException failure(TensorFormat format, String text) {
        return catchThrowableOfType(InferenceException.class, () -> format.read(json(text)));
    }

    private static String written(TensorFormat format, String name, Tensor tensor) {
        return text(format.write(new Payload.Tensors(Map.of(name, tensor))));
    }

    private static Tensor tensor(DType dtype, Object array) {
        return Tensor.ofArray(dtype, array, Shape.of(java.lang.reflect.Array.getLength(array)));
    }

    private static Payload.Bytes json(String text) {
        return Payload.Bytes.of("application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Payload.Bytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }
}
