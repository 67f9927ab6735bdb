package io.foretell.testing;

import static io.foretell.testing.NetworkFault.bandwidth;
import static io.foretell.testing.NetworkFault.corrupt;
import static io.foretell.testing.NetworkFault.delay;
import static io.foretell.testing.NetworkFault.fin;
import static io.foretell.testing.NetworkFault.noRead;
import static io.foretell.testing.NetworkFault.reset;
import static io.foretell.testing.NetworkFault.stall;
import static io.foretell.testing.NetworkFault.trickle;
import static io.foretell.testing.NetworkFault.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault, as a client with a plain socket meets it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultProxyTest {
    private static final long SEED = 42;

    private PlainServer server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new PlainServer(PlainServer.ECHO);
        proxy = server.proxy(SEED);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    }

    private static void send(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A request and its answer. */
    private static byte[] exchange(Socket socket, byte[] bytes) throws IOException {
        send(socket, bytes);
        return socket.getInputStream().readNBytes(bytes.length);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }

    @Test
    void healthy_bytesPassBothWays_andAreCounted() throws IOException {
        try (Socket socket = connect()) {
            assertThat(exchange(socket, bytes(100))).isEqualTo(bytes(100));
            assertThat(exchange(socket, bytes(50))).isEqualTo(bytes(50));
        }
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(proxy.requests()).isEqualTo(2);
        assertThat(proxy.bytesToServer()).isEqualTo(150);
        assertThat(proxy.bytesToClient()).isEqualTo(150);
        assertThat(proxy.resets()).isZero();
    }

    @Test
    void healthy_clientEndsItsHalf_serverStillAnswers() throws IOException {
        try (Socket socket = connect()) {
            send(socket, bytes(1000));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes(1000));
        }
    }

    @Test
    void reset_atOnce_isConnectionReset() throws IOException {
        proxy.onNew(reset());
        try (Socket socket = connect()) {
            assertReset(socket);
        }
        assertThat(proxy.resets()).isEqualTo(1);
        assertThat(proxy.bytesToServer()).isZero();
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("Connection reset");
    }

    @Test
    void reset_openConnections_allAreReset_newOnesAreNot() throws IOException {
        try (Socket first = connect();
                Socket second = connect()) {
            exchange(first, bytes(1));
            exchange(second, bytes(1));
            proxy.onOpen(reset());
            assertReset(first);
            assertReset(second);
        }
        try (Socket third = connect()) {
            assertThat(exchange(third, bytes(10))).isEqualTo(bytes(10));
        }
        assertThat(proxy.resets()).isEqualTo(2);
    }

    @Test
    void reset_afterRequests_serverNeverSeesTheNext() throws IOException {
        proxy.onNew(reset().afterRequests(10));
        try (Socket socket = connect()) {
            for (int i = 0; i < 10; i++) {
                assertThat(exchange(socket, bytes(20))).isEqualTo(bytes(20));
            }
            send(socket, bytes(20));
            assertReset(socket);
        }
        assertThat(proxy.bytesToServer()).isEqualTo(200);
        assertThat(proxy.requests()).isEqualTo(11);
    }

    @Test
    void reset_toClientAfterRequests_serverSawTheRequest() throws IOException {
        proxy.onNew(reset().toClient().afterRequests(1));
        try (Socket socket = connect()) {
            exchange(socket, bytes(20));
            send(socket, bytes(20));
            assertReset(socket);
        }
        assertThat(proxy.bytesToServer()).isEqualTo(40);
        assertThat(proxy.bytesToClient()).isEqualTo(20);
    }

    @Test
    void reset_onRequest_sameSeed_sameRequests() throws IOException {
        List<Integer> first = requestsUntilReset(proxy);
        try (FaultProxy again = server.proxy(SEED);
                FaultProxy other = server.proxy(SEED + 1)) {
            assertThat(requestsUntilReset(again)).isEqualTo(first);
            assertThat(requestsUntilReset(other)).isNotEqualTo(first);
        }
        double mean = first.stream().mapToInt(count -> count).average().orElseThrow();
        assertThat(mean).isBetween(2.0, 8.0); // of 1 / 20 %, seeded
    }

    private static List<Integer> requestsUntilReset(FaultProxy proxy) throws IOException {
        proxy.onNew(reset().onRequest(0.2));
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
                counts.add(exchangesUntilReset(socket));
            }
        }
        return counts;
    }

    private static int exchangesUntilReset(Socket socket) {
        int count = 0;
        try {
            while (exchange(socket, bytes(4)).length == 4) {
                count++;
            }
            throw new AssertionError("ended without a reset");
        } catch (IOException e) {
            return count;
        }
    }

    @Test
    void plan_seesNumbersAndItsOwnLuck() throws IOException {
        List<Long> numbers = new ArrayList<>();
        proxy.plan((number, random) -> {
            numbers.add(number);
            return number % 2 == 0 ? List.of(fin()) : List.of();
        });
        for (int i = 1; i <= 4; i++) {
            try (Socket socket = connect()) {
                send(socket, bytes(3));
                assertThat(socket.getInputStream().readNBytes(3)).hasSize(i % 2 == 0 ? 0 : 3);
            }
        }
        assertThat(numbers).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void plan_probability_dooms_itsShare() throws IOException {
        proxy.onNew(fin().toClient().withProbability(0.3));
        int doomed = 0;
        for (int i = 0; i < 100; i++) {
            try (Socket socket = connect()) {
                doomed += exchange(socket, bytes(1)).length == 0 ? 1 : 0;
            }
        }
        assertThat(doomed).isBetween(15, 45); // seeded: the same each time
    }

    @Test
    void truncate_exactlySoManyBytesAndThenTheEnd() throws IOException {
        proxy.onNew(truncate(12_345));
        try (Socket socket = connect()) {
            send(socket, bytes(20_000));
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(Arrays.copyOf(bytes(20_000), 12_345));
        }
        assertThat(proxy.bytesToClient()).isEqualTo(12_345);
    }

    @Test
    void truncate_secondAnswer_countsFromItsRequest() throws IOException {
        proxy.onNew(truncate(7).afterRequests(1));
        try (Socket socket = connect()) {
            exchange(socket, bytes(100));
            send(socket, bytes(100));
            assertThat(socket.getInputStream().readAllBytes()).hasSize(7);
        }
    }

    @Test
    void corrupt_oneByteDiffers() throws IOException {
        proxy.onNew(corrupt().toClient().afterBytes(777));
        byte[] expected = bytes(5000);
        expected[777] = (byte) ~expected[777];
        try (Socket socket = connect()) {
            assertThat(exchange(socket, bytes(5000))).isEqualTo(expected);
        }
    }

    @Test
    void corrupt_bothWays_restoresTheEcho() throws IOException {
        proxy.onNew(corrupt().afterBytes(3));
        try (Socket socket = connect()) {
            assertThat(exchange(socket, bytes(10))).isEqualTo(bytes(10));
        }
    }

    @Test
    void stall_thenHeal_nothingIsLost() throws IOException {
        try (Socket socket = connect()) {
            exchange(socket, bytes(10));
            proxy.onAll(stall());
            send(socket, bytes(1000));
            try (Socket late = connect()) {
                send(late, bytes(5));
                socket.setSoTimeout(50);
                assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("timed out");
                assertThat(proxy.bytesToServer()).isEqualTo(10);

                proxy.heal();
                socket.setSoTimeout(0);
                assertThat(socket.getInputStream().readNBytes(1000)).isEqualTo(bytes(1000));
                assertThat(late.getInputStream().readNBytes(5)).isEqualTo(bytes(5));
            }
        }
    }

    @Test
    void noRead_clientsWritesStop() throws IOException {
        proxy.onNew(noRead());
        try (SocketChannel client =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))) {
            client.configureBlocking(false);
            ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
            int full = 0;
            for (int i = 0; i < 10_000 && full < 100; i++) {
                full = client.write(chunk.clear()) == 0 ? full + 1 : 0;
            }
            assertThat(full).isEqualTo(100);
        }
        assertThat(proxy.bytesToServer()).isZero();
    }

    @Test
    void trickle_bytesComeOneByOne() throws IOException {
        proxy.onNew(trickle(1, Duration.ofMillis(20)).toClient());
        long start = System.nanoTime();
        try (Socket socket = connect()) {
            assertThat(exchange(socket, bytes(11))).isEqualTo(bytes(11));
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(180_000_000L);
    }

    @Test
    void bandwidth_boundsTheBytes() throws IOException {
        proxy.onNew(bandwidth(1_000_000).toServer());
        long start = System.nanoTime();
        try (Socket socket = connect()) {
            assertThat(exchange(socket, bytes(200_000))).isEqualTo(bytes(200_000));
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(170_000_000L);
    }

    @Test
    void delay_holdsBackButKeepsOrder() throws IOException {
        proxy.onNew(delay(Duration.ofMillis(30), Duration.ofMillis(20)).toServer());
        long start = System.nanoTime();
        try (Socket socket = connect()) {
            for (int i = 0; i < 5; i++) {
                send(socket, new byte[] {(byte) i});
            }
            assertThat(socket.getInputStream().readNBytes(5)).containsExactly(0, 1, 2, 3, 4);
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000L);
    }

    @Test
    void fin_afterDelay_comesAfterTheBytes() throws IOException {
        proxy.onNew(delay(Duration.ofMillis(20)), truncate(5));
        try (Socket socket = connect()) {
            send(socket, bytes(10));
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes(5));
        }
    }

    @Test
    void refuse_newConnectionsAreRefused_openOnesGoOn_acceptEndsIt() throws IOException {
        try (Socket open = connect()) {
            exchange(open, bytes(1));
            for (int i = 0; i < 3; i++) {
                proxy.refuse();
                assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
                assertThat(exchange(open, bytes(9))).isEqualTo(bytes(9));
                proxy.accept();
                try (Socket again = connect()) {
                    assertThat(exchange(again, bytes(9))).isEqualTo(bytes(9));
                }
            }
        }
    }

    @Test
    void serverGone_clientIsReset() throws IOException {
        server.close();
        try (Socket socket = connect()) {
            assertReset(socket);
        }
        assertThat(proxy.resets()).isZero();
    }

    @Test
    void close_endsThreadAndSockets() throws IOException {
        String thread = "foretell-fault-proxy-" + proxy.port();
        assertThat(threads()).contains(thread);
        try (Socket socket = connect()) {
            exchange(socket, bytes(1));
            proxy.close();
            assertReset(socket);
        }
        assertThat(threads()).doesNotContain(thread);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertThatThrownBy(proxy::heal).isInstanceOf(IllegalStateException.class);
        proxy.close();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Test
    void toString_namesTheSeed() {
        assertThat(proxy)
                .hasToString(
                        "FaultProxy[" + proxy.target() + " to localhost/127.0.0.1:" + server.port() + ", seed 42]");
    }

    @Test
    void faults_impossibleValues_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> bandwidth(0)).withMessage("bytesPerSecond < 1: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> trickle(0, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> trickle(1, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> delay(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> reset().onRequest(1.5));
        assertThatIllegalArgumentException().isThrownBy(() -> reset().withProbability(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> reset().afterBytes(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> reset().afterRequests(-1));
    }
}
