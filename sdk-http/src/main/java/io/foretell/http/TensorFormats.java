package io.foretell.http;

/** The tensor formats that come with this library. */
public final class TensorFormats {
    private TensorFormats() {}

    /** JSON as TensorFlow Serving's REST interface and its SageMaker container take it, by columns. */
    public static TfServingJsonFormat tfServingJson() {
        return TfServingJsonFormat.DEFAULT;
    }
}
