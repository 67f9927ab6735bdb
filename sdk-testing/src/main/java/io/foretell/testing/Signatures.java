package io.foretell.testing;

import io.foretell.grpc.internal.DataTypes;
import io.foretell.grpc.proto.SignatureDef;
import io.foretell.grpc.proto.TensorInfo;
import io.foretell.grpc.proto.TensorShapeProto;

/** What a model says of itself, as the SignatureDef of a saved model. */
final class Signatures {
    private Signatures() {}

    static SignatureDef of(Model model) {
        SignatureDef.Builder signature = SignatureDef.newBuilder().setMethodName("tensorflow/serving/predict");
        model.inputs().forEach((name, spec) -> signature.putInputs(name, info(name, spec)));
        model.outputs().forEach((name, spec) -> signature.putOutputs(name, info(name, spec)));
        return signature.build();
    }

    private static TensorInfo info(String name, TensorSpec spec) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        if (spec.dims() == null) {
            shape.setUnknownRank(true);
        } else {
            spec.dims().forEach(dim -> shape.addDimBuilder().setSize(dim));
        }
        return TensorInfo.newBuilder()
                .setName(name + ":0")
                .setDtype(DataTypes.toWire(spec.dtype()))
                .setTensorShape(shape)
                .build();
    }
}
