package io.foretell.it;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.Tensor;

/** Writes and reads tensors with our own code, as bytes of the wire. */
final class OurTensors {
    private static final long MAX_BYTES = 1 << 20;

    private OurTensors() {}

    static byte[] write(Tensor tensor) {
        return TensorProtos.toProto(tensor).toByteArray();
    }

    static Tensor read(byte[] proto) throws InvalidProtocolBufferException {
        return TensorProtos.toTensor("x", TensorProto.parseFrom(proto), MAX_BYTES);
    }
}
