package io.foretell.grpc;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;

/** Makes the message of a request, unless it would be too large. */
record RequestEncoder(long maxBytes) {

    /**
     * The message.
     *
     * @throws IllegalArgumentException if the payload is not tensors
     * @throws InferenceException PAYLOAD_TOO_LARGE
     */
    PredictRequest encode(Payload payload, ModelTarget target) {
        if (!(payload instanceof Payload.Tensors tensors)) {
            throw new IllegalArgumentException("tensors expected, not " + payload);
        }
        long elements = tensors.tensors().values().stream()
                .mapToLong(RequestEncoder::elementBytes)
                .sum();
        if (elements > maxBytes) { // known without copying anything
            throw tooLarge("at least " + elements);
        }
        PredictRequest.Builder message = PredictRequest.newBuilder().setModelSpec(target.toSpec());
        tensors.tensors().forEach((name, tensor) -> message.putInputs(name, TensorProtos.toProto(tensor)));
        PredictRequest request = message.build();
        if (request.getSerializedSize() > maxBytes) {
            throw tooLarge(Integer.toString(request.getSerializedSize()));
        }
        return request;
    }

    private static long elementBytes(Tensor tensor) {
        if (tensor.dtype() != DType.STRING) {
            return tensor.byteLength();
        }
        long bytes = 0;
        for (byte[] element : tensor.byteStrings()) {
            bytes += element.length;
        }
        return bytes;
    }

    private InferenceException tooLarge(String size) {
        return InferenceException.of(ErrorCategory.PAYLOAD_TOO_LARGE)
                .message("the request has " + size + " bytes, more than the limit of " + maxBytes)
                .build();
    }
}
