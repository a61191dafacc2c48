package io.sluice.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the proxy speaks TLS to the backends of a pool, always with the last files that could be read. Connections that are open keep what they have;
 * sessions are resumed as long as the files stay the same. {@link #load} and {@link #reload} read files and belong on one worker thread; everything
 * else may be called from any.
 */
public final class BackendTls implements Reloadable {
    private static final Logger LOG = LoggerFactory.getLogger(BackendTls.class);

    private final String pool;
    private final BackendTlsSettings settings;
    private final LatestUsable<LoadedTrust> loaded;

    /**
     * TLS that has read no files yet.
     *
     * @param pool for the log
     * @param http2 whether backends are to speak HTTP/2
     */
    public BackendTls(String pool, BackendTlsSettings settings, boolean http2) {
        this.pool = pool;
        this.settings = settings;
        this.loaded = new LatestUsable<>(files(settings), contents -> LoadedTrust.of(settings, http2, contents));
    }

    private static Set<Path> files(BackendTlsSettings settings) {
        Set<Path> files = new LinkedHashSet<>();
        if (settings.ca() != null) {
            files.add(settings.ca());
        }
        CertificateFiles own = settings.certificate();
        if (own != null) {
            files.add(own.certificate());
            files.add(own.key());
        }
        return files;
    }

    @Override
    public void load() {
        if (!settings.verify()) {
            LOG.warn(
                    "pool {}: backends do not have to prove who they are (tls.verify: false); use that for tests only",
                    pool);
        }
        loaded.load();
    }

    @Override
    public void reload() {
        loaded.reload();
    }

    /** Speaks TLS on one new connection. Gives up on a handshake only when its connection is closed. */
    public SslHandler newHandler(ByteBufAllocator allocator, String host, int port) {
        return loaded.get().newHandler(allocator, settings.serverName(), host, port);
    }

    /** Judges backends by the latest files. */
    public X509ExtendedTrustManager trust() {
        return new CurrentTrust(() -> loaded.get().trust());
    }

    /** Shows the latest certificate; absent when none is to be shown. */
    public @Nullable X509ExtendedKeyManager key() {
        return settings.certificate() == null
                ? null
                : new CurrentKey(() -> Objects.requireNonNull(loaded.get().key()));
    }

    public BackendTlsSettings settings() {
        return settings;
    }
}
