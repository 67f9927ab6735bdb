package io.foretell.grpc.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.foretell.grpc.proto.TensorProto;
import java.io.IOException;

/** Strings inside {@code tensor_content}: the lengths of all as varints, then the bytes of all. */
final class StringContent {
    private StringContent() {}

    static byte[][] read(String name, TensorProto proto, int count) {
        ByteString content = proto.getTensorContent();
        if (count > content.size()) { // a length takes one byte at least
            throw MalformedTensor.because(
                    name, proto, content.size() + " bytes of content cannot hold " + count + " strings");
        }
        try {
            return read(name, proto, content.newCodedInput(), count);
        } catch (IOException fault) {
            throw MalformedTensor.because(name, proto, "the strings' lengths cannot be read", fault);
        }
    }

    private static byte[][] read(String name, TensorProto proto, CodedInputStream in, int count) throws IOException {
        int[] lengths = new int[count];
        long total = 0;
        for (int i = 0; i < count; i++) {
            lengths[i] = in.readUInt32();
            total += Integer.toUnsignedLong(lengths[i]);
        }
        int left = proto.getTensorContent().size() - in.getTotalBytesRead();
        if (total != left) {
            throw MalformedTensor.because(
                    name, proto, "strings of " + total + " bytes in all, but " + left + " bytes follow");
        }
        byte[][] strings = new byte[count][];
        for (int i = 0; i < count; i++) {
            strings[i] = in.readRawBytes(lengths[i]);
        }
        return strings;
    }
}
