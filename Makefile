# Two commands need nothing done before them: `make demo` and `make test`.
hedge := .build/release/hedge
arguments :=

.PHONY: demo test experiments bench serve doctor format install build clean

demo: build ## The whole road on the committed dataset, offline, in under a minute after the build
	$(hedge) demo

test: install ## Every test: Swift, then the files and notebooks as Python reads them
	.ci/test

experiments: build ## The slow acceptance runs, five seeds each: make experiments arguments="black-scholes-no-cost"
	.ci/experiments $(arguments)

bench: build ## The benchmark table: make bench arguments="training --threads 1"
	$(hedge) bench $(arguments)

serve: build ## The service on 127.0.0.1:8080
	$(hedge) serve $(arguments)

doctor: build ## What is installed, what is missing and how to mend it
	$(hedge) doctor

format: ## Swift sources in house style
	swift format -i -r --parallel Package.swift Sources Tests

build: install
	swift build -c release --product hedge

install:
	@.ci/install

clean:
	rm -rf .build .venv .demo
