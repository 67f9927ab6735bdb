package io.foretell.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that speaks HTTP/2 frame by frame, so that a test can break it where no library would. */
final class FrameServer implements AutoCloseable {
    static final int NO_ERROR = 0;
    static final int INTERNAL_ERROR = 2;
    static final int REFUSED_STREAM = 7;

    private static final int PREFACE_BYTES = 24;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int ACK_OR_END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int MAX_CONCURRENT_STREAMS = 3;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final byte[] settings;
    private final Script script;

    /** What to do when a request has come in whole. */
    interface Script {
        void answer(Connection connection, int stream) throws IOException;
    }

    FrameServer(Script script) throws IOException {
        this(new byte[0], script);
    }

    /** A server that lets a connection have so many requests at a time. */
    FrameServer(int maxConcurrentStreams, Script script) throws IOException {
        this(
                ByteBuffer.allocate(6)
                        .putShort((short) MAX_CONCURRENT_STREAMS)
                        .putInt(maxConcurrentStreams)
                        .array(),
                script);
    }

    private FrameServer(byte[] settings, Script script) throws IOException {
        this.settings = settings;
        this.script = script;
        run(this::accept);
    }

    String target() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** How many requests have come in whole. */
    int requests() {
        return requests.get();
    }

    private void accept() throws IOException {
        while (true) {
            Connection connection = new Connection(listener.accept());
            run(connection::serve);
        }
    }

    private static void run(Job job) {
        Thread thread = new Thread(() -> {
            try {
                job.run();
            } catch (IOException closed) { // by the test or the client: the end
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Job {
        void run() throws IOException;
    }

    /** One connection; what it writes are single frames. */
    final class Connection {
        private final Socket socket;

        private Connection(Socket socket) {
            this.socket = socket;
            sockets.add(socket);
        }

        private void serve() throws IOException {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readNBytes(PREFACE_BYTES);
            frame(SETTINGS, 0, 0, settings);
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = new byte[length];
                in.readFully(payload);
                boolean flagged = (flags & ACK_OR_END_STREAM) != 0;
                if ((type == SETTINGS || type == PING) && !flagged) {
                    frame(type, ACK_OR_END_STREAM, 0, type == PING ? payload : new byte[0]);
                } else if (type == DATA && flagged) {
                    requests.incrementAndGet();
                    script.answer(this, stream);
                }
            }
        }

        void reset(int stream, int error) throws IOException {
            frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
        }

        void goAway(int lastStream, int error) throws IOException {
            frame(
                    GOAWAY,
                    0,
                    0,
                    ByteBuffer.allocate(8).putInt(lastStream).putInt(error).array());
        }

        void headers(int stream, boolean end, Map<String, String> fields) throws IOException {
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            fields.forEach((name, value) -> {
                block.write(0); // a field that is in no table
                writeText(block, name);
                writeText(block, value);
            });
            frame(HEADERS, END_HEADERS | (end ? ACK_OR_END_STREAM : 0), stream, block.toByteArray());
        }

        private static void writeText(ByteArrayOutputStream block, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            block.write(bytes.length);
            block.writeBytes(bytes);
        }

        void data(int stream, boolean end, byte... payload) throws IOException {
            frame(DATA, end ? ACK_OR_END_STREAM : 0, stream, payload);
        }

        void close() throws IOException {
            socket.close();
        }

        private synchronized void frame(int type, int flags, int stream, byte[] payload) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(9 + payload.length)
                    .put((byte) (payload.length >> 16))
                    .putShort((short) payload.length)
                    .put((byte) type)
                    .put((byte) flags)
                    .putInt(stream)
                    .put(payload);
            socket.getOutputStream().write(frame.array());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
