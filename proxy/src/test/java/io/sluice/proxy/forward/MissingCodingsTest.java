package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.route.ContentCoding;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content codings where their libraries, or the native code in these, cannot be had. */
class MissingCodingsTest {
    private static final List<String> LIBRARIES = List.of("com.aayushatharva.", "com.github.luben.");

    /** Loads the proxy and the libraries anew, without some of what they need. */
    private static final class Poorer extends URLClassLoader {
        private final boolean hasClasses;

        Poorer(boolean hasClasses) throws MalformedURLException {
            super(classPath(), MissingCodingsTest.class.getClassLoader());
            this.hasClasses = hasClasses;
        }

        private static URL[] classPath() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            boolean ofLibrary = LIBRARIES.stream().anyMatch(name::startsWith);
            if (ofLibrary && !hasClasses) {
                throw new ClassNotFoundException(name);
            }
            if (!ofLibrary && !name.startsWith("io.sluice.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? findClass(name) : known;
            }
        }

        @Override
        public @Nullable URL getResource(String name) {
            return isNative(name) ? null : super.getResource(name);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return isNative(name) ? Collections.emptyEnumeration() : super.getResources(name);
        }

        private static boolean isNative(String name) {
            return name.endsWith(".so");
        }
    }

    private static List<?> available(ClassLoader loader) throws Exception {
        Class<?> codings = Class.forName(ContentCodings.class.getName(), true, loader);
        Class<?> coding = Class.forName(ContentCoding.class.getName(), true, loader);
        Method available = codings.getDeclaredMethod("available", List.class);
        available.setAccessible(true);
        return (List<?>) available.invoke(null, List.of(coding.getEnumConstants()));
    }

    @ParameterizedTest(name = "only the native code is missing: {0}")
    @ValueSource(booleans = {true, false})
    void whatCannotBeLoadedIsNotOffered(boolean hasClasses) throws Exception {
        try (Poorer loader = new Poorer(hasClasses)) {
            assertThat(available(loader)).extracting(Object::toString).containsExactly("GZIP");
        }
    }
}
