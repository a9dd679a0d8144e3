# Chatelier in a container; docs/container.md says how to run it.
#
#     docker build -t chatelier .                                                  NVIDIA cards
#     docker build -t chatelier --target cpu --build-arg TORCH_INDEX=<address> .   processor alone
#
# <address> is the package index that PyTorch's “Get Started” page shows after --index-url. CUDA needs
# no other base image: torch brings its libraries, the host's container toolkit the driver.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS empty
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/chatelier
ENV PATH=/opt/chatelier/bin:$PATH
WORKDIR /src
# What is needed comes first, so that a change of the bot alone does not install torch again.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt

FROM empty AS needs-cpu
ARG TORCH_INDEX=""
RUN test -n "$TORCH_INDEX" || { echo "say --build-arg TORCH_INDEX=<address>, see the top of this file"; exit 1; }
RUN python -m pip install --no-deps --index-url "$TORCH_INDEX" "$(grep '^torch==' constraints.txt)"
RUN python -m pip install -c constraints.txt -r needed.txt

FROM empty AS needs-cuda
RUN python -m pip install -c constraints.txt -r needed.txt

FROM needs-cpu AS installed-cpu
COPY README.md LICENSE ./
COPY bot bot
RUN python -m pip install --no-deps .

FROM needs-cuda AS installed-cuda
COPY README.md LICENSE ./
COPY bot bot
RUN python -m pip install --no-deps .

FROM python:${PYTHON}-slim AS runtime
RUN useradd --uid 10001 --create-home --home-dir /home/chatelier chatelier \
    && install -d -o chatelier -g chatelier /srv/chatelier /srv/chatelier/data /srv/chatelier/models
# Nothing is written outside the data volume and /tmp, and nothing is fetched from a model hub.
ENV PATH=/opt/chatelier/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/tmp/huggingface \
    HF_HUB_OFFLINE=1
USER 10001
# config.toml, data/ and models/ are looked for here.
WORKDIR /srv/chatelier
VOLUME /srv/chatelier/data
# Whether requests can be taken and drawn; a render process that hangs is replaced by the bot itself.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/healthz', timeout=5)"]
ENTRYPOINT ["chatelier"]
CMD ["run"]

FROM runtime AS cpu
COPY --from=installed-cpu /opt/chatelier /opt/chatelier

FROM runtime AS cuda
COPY --from=installed-cuda /opt/chatelier /opt/chatelier
