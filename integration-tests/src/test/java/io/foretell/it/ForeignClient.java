package io.foretell.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** An AWS client in another language, fetched by that language's own tools into {@code target}. */
enum ForeignClient {
    /** The AWS SDK for JavaScript. */
    JAVASCRIPT(
            "invoke.mjs",
            List.of("node", "invoke.mjs"),
            List.of(List.of(
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--prefix=.",
                    "--fetch-retries=1",
                    "--fetch-timeout=30000",
                    "@aws-sdk/client-sagemaker-runtime@3"))),
    /** The AWS SDK for Python. */
    PYTHON(
            "invoke.py",
            List.of("venv/bin/python", "invoke.py"),
            List.of(
                    List.of("python3", "-m", "venv", "venv"),
                    List.of("venv/bin/python", "-m", "pip", "install", "--retries=1", "--timeout=30", "boto3")));

    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(4);
    private static final Duration INVOKE_TIMEOUT = Duration.ofMinutes(1);

    private final Path folder = Path.of("target", "foreign", name().toLowerCase(java.util.Locale.ROOT))
            .toAbsolutePath();
    private final Path output = folder.resolve("output.txt");
    private final String script;
    private final List<String> invocation;
    private final List<List<String>> installation;

    ForeignClient(String script, List<String> invocation, List<List<String>> installation) {
        this.script = script;
        this.invocation = invocation;
        this.installation = installation;
    }

    /** Whether it is here, or could be fetched. */
    boolean installed() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        try (InputStream source = getClass().getResourceAsStream("/foreign/" + script)) {
            Files.copy(Objects.requireNonNull(source), folder.resolve(script), StandardCopyOption.REPLACE_EXISTING);
        }
        Path done = folder.resolve("installed");
        if (Files.exists(done)) {
            return true;
        }
        for (List<String> step : installation) {
            if (!run(step, Map.of(), INSTALL_TIMEOUT)) {
                return false;
            }
        }
        Files.createFile(done);
        return true;
    }

    /** Invokes an endpoint; gives the line that the script printed. */
    String invoke(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(invocation);
        command.addAll(List.of(arguments));
        boolean ended = run(command, environment, INVOKE_TIMEOUT);
        String printed = Files.readString(output).strip();
        if (!ended) {
            throw new AssertionError(this + " failed: " + printed);
        }
        return printed.substring(printed.lastIndexOf('\n') + 1); // Warnings of the runtime's stand before it.
    }

    private boolean run(List<String> command, Map<String, String> environment, Duration timeout)
            throws IOException, InterruptedException {
        List<String> resolved = new ArrayList<>(command);
        if (resolved.get(0).contains("/")) {
            resolved.set(0, folder.resolve(resolved.get(0)).toString());
        }
        ProcessBuilder builder = new ProcessBuilder(resolved)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return false; // There is no such program here.
        }
        try {
            process.getOutputStream().close();
            return process.waitFor(timeout.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
