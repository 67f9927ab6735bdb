package io.foretell.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A fresh certificate authority, and a certificate it issued for {@code localhost}, {@code 127.0.0.1} and {@code ::1}
 * that serves as a server's and as a client's. Made anew each time, with elliptic-curve keys that no file ever holds.
 * Both are valid for a day from an hour before the time they are made for. Immutable.
 */
public final class TestCertificates {
    private static final Duration SLACK = Duration.ofHours(1);
    private static final Duration VALIDITY = Duration.ofDays(1);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final X500Name SUBJECT = new X500Name("CN=localhost");
    private static final GeneralName[] LOCALHOST = {
        new GeneralName(GeneralName.dNSName, "localhost"),
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.iPAddress, "::1"),
    };

    private final X509Certificate ca;
    private final X509Certificate leaf;
    private final PrivateKey leafKey;

    private TestCertificates(X509Certificate ca, X509Certificate leaf, PrivateKey leafKey) {
        this.ca = ca;
        this.leaf = leaf;
        this.leafKey = leafKey;
    }

    /** Certificates that are valid now. */
    public static TestCertificates create() {
        return create(Clock.systemUTC().instant());
    }

    /** Certificates that are valid at the given time; a time long past makes expired ones. */
    public static TestCertificates create(Instant at) {
        return create(at, LOCALHOST);
    }

    /** Certificates that are valid now, for another host than this one. */
    public static TestCertificates createFor(String dnsName) {
        return create(Clock.systemUTC().instant(), new GeneralName(GeneralName.dNSName, dnsName));
    }

    private static TestCertificates create(Instant at, GeneralName... names) {
        try {
            KeyPair caKeys = keys();
            KeyPair leafKeys = keys();
            // A name of its own each time: a certificate cache that goes by name never takes one CA for another.
            X500Name caName = new X500Name("CN=Foretell test CA " + serial().toString(36));
            X509Certificate ca = sign(authority(at, caName, caKeys), caKeys);
            X509Certificate leaf = sign(leaf(at, caName, leafKeys, names), caKeys);
            return new TestCertificates(ca, leaf, leafKeys.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("no test certificates for " + at, e);
        }
    }

    /** A certificate for localhost that vouches for itself, and so is its own authority; valid now. */
    public static TestCertificates selfSigned() {
        try {
            KeyPair keys = keys();
            X509Certificate self = sign(leaf(Clock.systemUTC().instant(), SUBJECT, keys, LOCALHOST), keys);
            return new TestCertificates(self, self, keys.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("no self-signed test certificate", e);
        }
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
        keys.initialize(new ECGenParameterSpec("secp256r1"));
        return keys.generateKeyPair();
    }

    private static X509v3CertificateBuilder authority(Instant at, X500Name name, KeyPair keys) throws CertIOException {
        return unsigned(at, name, name, keys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static X509v3CertificateBuilder leaf(Instant at, X500Name issuer, KeyPair keys, GeneralName... names)
            throws CertIOException {
        KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
        return unsigned(at, issuer, SUBJECT, keys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }

    private static X509v3CertificateBuilder unsigned(Instant at, X500Name issuer, X500Name subject, KeyPair keys) {
        Date from = Date.from(at.minus(SLACK));
        Date to = Date.from(at.minus(SLACK).plus(VALIDITY));
        return new JcaX509v3CertificateBuilder(issuer, serial(), from, to, subject, keys.getPublic());
    }

    private static BigInteger serial() {
        return new BigInteger(120, RANDOM).setBit(120);
    }

    private static X509Certificate sign(X509v3CertificateBuilder unsigned, KeyPair caKeys)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        unsigned.build(new JcaContentSignerBuilder("SHA256withECDSA").build(caKeys.getPrivate())));
    }

    /** The authority's certificate: what the other side has to trust. */
    public X509Certificate ca() {
        return ca;
    }

    /** The authority's certificate, PEM. */
    public String caPem() {
        return pem(ca);
    }

    /** The certificate for localhost and then the authority's, PEM. */
    public String chainPem() {
        return leaf.equals(ca) ? pem(leaf) : pem(leaf) + pem(ca);
    }

    /** The key of the certificate for localhost, unencrypted PKCS#8, PEM. */
    public String keyPem() {
        try {
            return pem(new JcaPKCS8Generator(leafKey, null).generate());
        } catch (IOException e) {
            throw new IllegalStateException("the test key cannot be written", e);
        }
    }

    /** {@link #caPem()}, to be read once. */
    public InputStream caStream() {
        return stream(caPem());
    }

    /** {@link #chainPem()}, to be read once. */
    public InputStream chainStream() {
        return stream(chainPem());
    }

    /** {@link #keyPem()}, to be read once. */
    public InputStream keyStream() {
        return stream(keyPem());
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static String pem(Object what) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(what);
        } catch (IOException e) {
            throw new IllegalStateException("a test certificate cannot be written", e);
        }
        return text.toString();
    }

    /** Trusts the authority, and nothing else. */
    public TrustManagerFactory trustManagers() {
        try {
            KeyStore store = emptyStore();
            store.setCertificateEntry("ca", ca);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no trust in the test CA", e);
        }
    }

    /** Presents the certificate for localhost. */
    public KeyManagerFactory keyManagers() {
        try {
            char[] password = new char[0];
            KeyStore store = emptyStore();
            store.setKeyEntry(
                    "leaf",
                    leafKey,
                    password,
                    leaf.equals(ca) ? new Certificate[] {leaf} : new Certificate[] {leaf, ca});
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no use of the test key", e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
