// Everything an application may use.
#pragma once

#include "tandem/convert.h"
#include "tandem/datasets.h"
#include "tandem/encoders.h"
#include "tandem/error.h"
#include "tandem/evaluation.h"
#include "tandem/gallery.h"
#include "tandem/image.h"
#include "tandem/index.h"
#include "tandem/indexing.h"
#include "tandem/logging.h"
#include "tandem/matrix.h"
#include "tandem/model.h"
#include "tandem/regions.h"
#include "tandem/retriever.h"
#include "tandem/text.h"
#include "tandem/version.h"
