package io.foretell.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses between the user's channel and one of our own, and opens the latter. */
final class Channels {
    private final String target;
    private boolean plaintext;
    private byte @Nullable [] trusted;
    private @Nullable ManagedChannel given;

    Channels(String target) {
        this.target = target;
    }

    /** A channel, and whether it is ours to close. */
    record Choice(ManagedChannel channel, boolean own) {}

    void allowPlaintext() {
        plaintext = true;
    }

    void trust(Path pem) {
        try {
            trusted = Files.readAllBytes(pem);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read the certificates to trust from " + pem, fault);
        }
    }

    void trust(InputStream pem) {
        try {
            trusted = pem.readAllBytes();
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read the certificates to trust", fault);
        }
    }

    void use(ManagedChannel channel) {
        given = Objects.requireNonNull(channel, "channel");
    }

    Choice choose() {
        ModelTarget.checkName("target", target);
        if (target.chars().anyMatch(c -> c > '~')) { // it becomes the authority of every request
            throw new IllegalArgumentException("target not ASCII (a host name has an xn-- form): " + escaped(target));
        }
        if (plaintext && trusted != null) {
            throw new IllegalArgumentException("allowPlaintext and trustCertificates exclude each other");
        }
        if (given == null) {
            return new Choice(open(), true);
        }
        if (plaintext || trusted != null) {
            throw new IllegalArgumentException("the channel given decides on its own security:"
                    + " allowPlaintext and trustCertificates do not go with it");
        }
        return new Choice(given, false);
    }

    private static String escaped(String text) {
        return text.chars()
                .mapToObj(c -> c > '~' ? String.format("\\u%04x", c) : String.valueOf((char) c))
                .collect(Collectors.joining());
    }

    private ManagedChannel open() {
        return Grpc.newChannelBuilder(target, credentials())
                .directExecutor()
                .disableRetry()
                .disableServiceConfigLookUp()
                .build();
    }

    private ChannelCredentials credentials() {
        if (plaintext) {
            return InsecureChannelCredentials.create();
        }
        if (trusted == null) {
            return TlsChannelCredentials.create();
        }
        requireCertificates(trusted);
        try {
            return TlsChannelCredentials.newBuilder()
                    .trustManager(new ByteArrayInputStream(trusted))
                    .build();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    /** gRPC would fail as well, but with an exception of the Netty within. */
    private static void requireCertificates(byte[] pem) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            if (factory.generateCertificates(new ByteArrayInputStream(pem)).isEmpty()) {
                throw new IllegalArgumentException("there are no certificates in the PEM to trust");
            }
        } catch (CertificateException fault) {
            throw new IllegalArgumentException("the certificates to trust cannot be read as PEM", fault);
        }
    }
}
